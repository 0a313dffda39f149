import { formatValue } from "../../format.ts";
import { percentiles } from "../../statistics/percentiles.ts";
import { chartIds } from "../finding.ts";
import { thresholdRule, type Signal } from "../threshold-rule.ts";
import { sumMinutes } from "../minutes-of.ts";
import { cpuNumbers } from "./cpu-time.ts";

/** How many times the median CPU's share one must have: interrupts that are spread evenly are load, not a bottleneck. */
const uneven = 3;
const limit = { direction: "above", enter: 50, leave: 30, unit: "percent", minimumS: 300 } as const;

export const cpuInterrupts = thresholdRule({
  id: "cpu-interrupts",
  title: "Interrupts on one CPU",
  quantity: "Hard and soft interrupts on one CPU",
  limit,
  provided: `where that is at least ${uneven} times the median of all CPUs`,
  criticalS: null,
  confidence: "medium",
  source:
    "The kernel's networking/scaling.rst: where the work of receiving interrupts is a bottleneck, queues are to be spread over CPUs. The shares and the time are our own.",
  explains: ["cpu-imbalance", "cpu-system-share", "network-drops"],
  missing: "There are not two CPUs with their interrupt time in the data.",
  signals(dataset) {
    const cpus = cpuNumbers(dataset).flatMap((cpu) => {
      const minutes = sumMinutes(dataset, [`cpu${cpu}_softirq`, `cpu${cpu}_irq`]);
      return minutes === null ? [] : [{ cpu, minutes }];
    });
    if (cpus.length < 2) return [];
    const row = new Float64Array(cpus.length);
    // NaN in minutes without a CPU that could be in the state: they are most, and medians cost time.
    const medians = (cpus[0]?.minutes.means ?? new Float64Array()).map((_, minute) => {
      for (const [index, { minutes }] of cpus.entries()) row[index] = minutes.means[minute] ?? NaN;
      if (!row.some((share) => share > limit.leave)) return NaN;
      // Of two CPUs the median is their mean; the lesser one is what the other is compared with.
      return percentiles(row, [cpus.length === 2 ? 0 : 0.5])[0] ?? NaN;
    });
    return cpus.map(({ cpu, minutes }): Signal => {
      const means = minutes.means.map((mean, minute) =>
        mean < uneven * (medians[minute] ?? NaN) ? 0 : mean,
      );
      const label = `Interrupts on CPU ${cpu}`;
      return {
        label,
        minutes: { ...minutes, means },
        raw: { minutes, unit: "percent" },
        chartId: chartIds.cpuPerCpu,
        device: cpu,
      };
    });
  },
  conclude: ({ when, often, signal, worst }, { length }) => ({
    title: `Interrupts took most of the time of ${length === 1 ? "one CPU" : `${length} CPUs`}${often}`,
    sentence: `${length === 1 ? "A single CPU" : `The most loaded of ${length} such CPUs`} spent up to ${formatValue(worst, "percent")} of its time on the network and other devices ${when}, while others had hardly any of that work; what it cannot serve in time waits or is lost.`,
    advice: [
      `See which interrupts CPU ${signal.device ?? ""} serves: /proc/interrupts and /proc/softirqs, twice, ten seconds apart.`,
      "Spread them: let irqbalance run, give the network card more queues (ethtool -L), or switch on RPS (rps_cpus) where it has only one.",
      "Compare with drops and retransmits of the network in these periods.",
    ],
  }),
});
