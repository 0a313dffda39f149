import { formatNumber } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { meanDuring } from "../../statistics/episodes.ts";
import { warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { limits } from "../limits.ts";
import { minutesOf } from "../minutes-of.ts";
import { signalOf, thresholdRule, type State } from "../threshold-rule.ts";

export const containerThrottling = thresholdRule({
  id: "container-throttling",
  title: "Containers stopped by their CPU limit",
  quantity: "Share of its CPU limit's periods in which a container was stopped",
  limit: {
    direction: "above",
    enter: limits.throttledPercent,
    leave: 15,
    unit: "percent",
    minimumS: warningS,
  },
  criticalS: null,
  confidence: "high",
  source:
    "kubernetes-mixin (Prometheus): CPUThrottlingHigh, 25 % of periods for 15 min, an info. The 5 min and the leaving threshold are our own.",
  explains: ["psi-cpu"],
  missing: ({ containers }) =>
    containers.length === 0
      ? "There is no container in the data."
      : "No container has periods of a CPU limit in the data.",
  signals: (dataset, { containers }) =>
    containers.flatMap((name) =>
      signalOf(dataset, `container_${name}_throttled`, {
        label: `${name}: throttled`,
        chartId: chartIds.containerThrottled(name),
        device: name,
      }),
    ),
  conclude: (worst, states, dataset) => {
    const name = worst.signal.device ?? worst.signal.label;
    return {
      title:
        states.length === 1
          ? `Container ${name} was held back by its CPU limit${worst.often}`
          : `${states.length} containers were held back by their CPU limits${worst.often}`,
      sentence: `Container ${name} was stopped again and again ${worst.when}, since it had used the CPU time that it may use; its answers took longer, however idle the machine was.`,
      evidence: states.flatMap((state) => limitEvidence(dataset, state)),
      advice: [
        `Raise the CPU limit of ${name}, or remove it and rely on its share (cpu.weight, a request without a limit).`,
        "A program that starts as many threads as the host has CPUs uses up its limit in a burst: set its number of threads to its limit (GOMAXPROCS, -XX:ActiveProcessorCount).",
      ],
    };
  },
});

function limitEvidence(dataset: Dataset, { signal: { device }, episodes }: State) {
  const name = device ?? "";
  const used = meanDuring(minutesOf(dataset, `container_${name}_cpu`), episodes);
  const limit = dataset.measure(`container_${name}_cpu_limit`);
  if (Number.isNaN(used) || limit === null) return [];
  return [
    {
      sentence: `${name}: ${formatNumber(used / 100)} CPUs in use on average at these times.`,
      threshold: `its limit of ${formatNumber(dataset.summary(limit).max / 100)} CPUs`,
      ranges: episodes,
      chartId: chartIds.containerCpu(name),
    },
  ];
}
