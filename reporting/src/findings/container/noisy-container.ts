import { formatNumber } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { combineMinutes, meanWithin } from "../../statistics/episodes.ts";
import { theCpus } from "../cpu/the-cpus.ts";
import { waitingDuring } from "../cpu/waiting.ts";
import { criticalS, warningS } from "../duration.ts";
import { chartIds, type RuleContext } from "../finding.ts";
import { limits } from "../limits.ts";
import { minutesOf } from "../minutes-of.ts";
import { thresholdRule, type Signal } from "../threshold-rule.ts";

/** From here on what one takes is missing elsewhere. */
const busyPercent = limits.cpuBusyPercent;

export const noisyContainer = thresholdRule({
  id: "noisy-container",
  title: "One container's share of busy CPU time",
  quantity: "One container's share of the CPU time in use",
  provided: `in minutes of CPU busy above ${busyPercent} %, and beside other containers; a notice where hardly anybody waited, as in cpu-saturation`,
  limit: { direction: "above", enter: 50, leave: 40, unit: "percent", minimumS: warningS },
  criticalS,
  confidence: "high",
  source:
    "Our own: more than half of what is in use, at the busy share of node-mixin's NodeCPUHighUsage.",
  explains: ["cpu-saturation"],
  missing: ({ containers }) =>
    containers.length === 0
      ? "There is no container in the data."
      : "There are not two containers with their CPU time in the data, or the number of CPUs is not known.",
  signals,
  inOrder: (dataset, { containers }) =>
    containers
      .flatMap((name) => {
        const cpu = dataset.measure(`container_${name}_cpu`);
        return cpu === null ? [] : [{ name, used: dataset.summary(cpu).p95 / 100 }];
      })
      .toSorted((a, b) => b.used - a.used)
      .slice(0, 3)
      .map(({ name, used }) => `${name}: ${formatNumber(used)} CPUs at the 95th percentile`)
      .join("; "),
  conclude: (
    { signal: { device, label }, longest, when, often, episodes },
    _,
    dataset,
    { cpuCount },
  ) => {
    const name = device ?? label;
    const wait = waitingDuring(dataset, episodes, cpuCount);
    const isUnhurried = wait?.isShort === true;
    const used = meanWithin(minutesOf(dataset, `container_${name}_cpu`), longest);
    return {
      title: `Container ${name} took ${theCpus(cpuCount)} for itself${often}`,
      sentence: `The machine had hardly any CPU time to spare ${when}, and container ${name} used more than half of it; ${isUnhurried ? "hardly anything had to wait for it, but more work would have" : "all others ran slower"}.`,
      ...(isUnhurried ? { severity: "notice" } : {}),
      evidence: [
        {
          sentence: `${name}: ${formatNumber(used / 100)} CPUs in use on average in the longest period.`,
          threshold: "half of the CPU time in use",
          ranges: [],
          chartId: chartIds.containerCpu(name),
        },
        ...(wait === null ? [] : [wait.evidence]),
      ],
      advice: [
        `Look at what ${name} did then: a batch that could run at night, or its ordinary load.`,
        "Give it a CPU limit, or a lower weight (cpu.weight, --cpu-shares), so that the others come first.",
        "If all of them are needed at once, move it to a machine of its own.",
      ],
    };
  },
});

function signals(dataset: Dataset, { containers, cpuCount }: RuleContext): Signal[] {
  const busy = dataset.measure("cpu_busy");
  const measures = containers.flatMap((name) => {
    const measure = dataset.measure(`container_${name}_cpu`);
    return measure === null ? [] : [{ name, measure }];
  });
  if (busy === null || cpuCount === null || measures.length < 2) return [];
  // A container's is in percent of one CPU, the machine's of all of them.
  return measures.map(({ name, measure }) => ({
    label: `${name}: share of the CPU time in use`,
    minutes: combineMinutes(dataset.minutes(measure), dataset.minutes(busy), (own, whole) =>
      whole > busyPercent ? Math.min(100, (100 * own) / (whole * cpuCount)) : 0,
    ),
    chartId: chartIds.containerCpu(name),
    device: name,
  }));
}
