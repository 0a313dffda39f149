import { formatCount, formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { meanDuring, type Minutes } from "../../statistics/episodes.ts";
import { chartIds } from "../finding.ts";
import { thresholdRule, type Signal } from "../threshold-rule.ts";
import { cpuBusyMinutes, cpuNumbers } from "./cpu-time.ts";

/** Percent busy of the other CPUs, on average, up to which they count as idle. */
const othersBelow = 50;

export const cpuImbalance = thresholdRule({
  id: "cpu-imbalance",
  title: "One CPU at its limit",
  quantity: "One CPU busy",
  limit: { direction: "above", enter: 95, leave: 85, unit: "percent", minimumS: 600 },
  provided: `while the others are busy below ${othersBelow} % on average`,
  criticalS: null,
  severity: "notice",
  confidence: "medium",
  source:
    "PCP pmieconf: per_cpu.some_util, one CPU above 95 % on machines of up to 4; ours on any. What the others do and the 10 min are our own.",
  missing: "There are not two CPUs with figures of their own in the data.",
  signals(dataset) {
    const cpus = busyCpus(dataset);
    if (cpus.length < 2) return [];
    const { sums, counts } = sumOf(cpus.map(({ minutes }) => minutes));
    return cpus.map(({ cpu, minutes }): Signal => {
      const means = minutes.means.map((mean, minute) => {
        const others = ((sums[minute] ?? NaN) - mean) / ((counts[minute] ?? 0) - 1);
        return others < othersBelow ? mean : Number.isNaN(others) ? NaN : 0;
      });
      const label = `CPU ${cpu} busy`;
      return {
        label,
        minutes: { ...minutes, means },
        raw: { minutes, unit: "percent" },
        chartId: chartIds.cpuPerCpu,
        device: cpu,
      };
    });
  },
  conclude({ when, often, episodes, signal }, all, dataset) {
    const cpus = busyCpus(dataset).filter(({ cpu }) => cpu !== signal.device);
    const means = cpus
      .map(({ minutes }) => meanDuring(minutes, episodes))
      .filter((mean) => !Number.isNaN(mean));
    const others = means.reduce((sum, mean) => sum + mean, 0) / means.length;
    const number =
      all.length === 1 ? "One CPU was" : `${formatCount(all.length, "CPU")} were each at times`;
    return {
      title:
        all.length === 1
          ? `One CPU was the limit${often} while others were idle`
          : `${formatCount(all.length, "CPU")} were at their limit while others were idle`,
      sentence: `${number} fully used while the others had little to do ${when}: something runs on a single CPU, and more CPUs would not make it faster.`,
      evidence: [
        {
          sentence: `The other ${means.length === 1 ? "CPU was" : `${formatCount(means.length, "CPU")} were`} busy ${formatValue(others, "percent")} on average at these times.`,
          threshold: `${othersBelow} %`,
          ranges: episodes,
          chartId: null,
        },
      ],
      advice: [
        `Find the thread: pidstat -t -u 5, or top -H with the column of the last used CPU (P), at the times of CPU ${signal.device ?? ""}.`,
        "See whether its work can be divided among threads or processes (workers, shards, parallel compression).",
        "If it cannot, a CPU with a higher clock helps; more CPUs do not.",
      ],
    };
  },
});

interface BusyCpu {
  cpu: string;
  minutes: Minutes;
}

function busyCpus(dataset: Dataset): BusyCpu[] {
  return cpuNumbers(dataset).flatMap((cpu): BusyCpu[] => {
    const minutes = cpuBusyMinutes(dataset, cpu);
    return minutes === null ? [] : [{ cpu, minutes }];
  });
}

/** By minute, of the CPUs that were measured in it: one that is taken offline has gaps from then on. */
function sumOf(cpus: readonly Minutes[]): { sums: Float64Array; counts: Uint16Array } {
  const length = cpus[0]?.means.length ?? 0;
  const sums = new Float64Array(length);
  const counts = new Uint16Array(length);
  for (const { means } of cpus) {
    for (const [minute, mean] of means.entries()) {
      if (Number.isNaN(mean)) continue;
      sums[minute] = (sums[minute] ?? 0) + mean;
      counts[minute] = (counts[minute] ?? 0) + 1;
    }
  }
  return { sums, counts };
}
