import { minimum, optionAt, sizeCpus } from "../../capacity/sizing.ts";
import { formatCount, formatDuration, formatFixed, formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { percentiles } from "../../statistics/percentiles.ts";
import { chartIds, type Rule, type RuleContext, type Verdict } from "../finding.ts";

/** Percent busy at the 95th percentile from which on less than a fifth of the machine is left. */
const busyPercent = 80;

export const cpuUndersized: Rule = {
  id: "cpu-undersized",
  title: "CPU headroom",
  definition:
    `CPU busy above ${busyPercent} % at the 95th percentile, of the samples and of the means of minutes: less than 20 % headroom for more than an hour of a day, and not in bursts of seconds; ` +
    `from ${formatDuration(minimum.lengthS)} of data on, of grade ${minimum.grade} or better.`,
  source: "Our own: the 20 % headroom of right-sizing, at its 95th percentile.",
  contradicts: ["cpu-oversized"],
  judge,
};

function judge(dataset: Dataset, { grade, cpuCount }: RuleContext): Verdict {
  const sizing = sizeCpus(dataset, grade, cpuCount);
  if (sizing.outcome === "refused") return sizing;
  const option = optionAt(sizing, "p95", 0.2);
  const busy = dataset.measure("cpu_busy");
  if (option === undefined || busy === null) {
    return { outcome: "refused", reason: "cpu_idle has no values." };
  }
  // Of samples a second apart, a program that works for three seconds a minute makes 5 % on one CPU.
  const [ofMinutes = NaN] = percentiles(dataset.minutes(busy).means, [0.95]);
  const p95 = Math.min(dataset.summary(busy).p95, ofMinutes);
  const left = `${formatValue(Math.max(0, 100 - p95), "percent")} of the CPU time was left at the 95th percentile`;
  if (p95 <= busyPercent) {
    return { outcome: "clear", sentence: `${left} (limit 20 %).`, confidence: "high" };
  }
  const size = `${formatCount(option.size, "CPU")}${option.atLeast ? " or more" : ""}`;
  return {
    outcome: "finding",
    finding: {
      severity: "warning",
      confidence: option.atLeast ? "medium" : "high",
      title: cpuCount === 1 ? "The CPU has no headroom" : "The CPUs have no headroom",
      sentence: `In its busiest hours the machine runs with ${formatValue(Math.max(0, 100 - p95), "percent")} of its CPU time to spare: a little growth, or a failed neighbour, and users wait.`,
      evidence: [
        {
          sentence: `CPU busy ${formatValue(dataset.summary(busy).p95, "percent")} at the 95th percentile of the samples and ${formatValue(ofMinutes, "percent")} of minutes, on ${formatCount(sizing.current, "CPU")}; for 20 % headroom it takes ${formatFixed(option.needed, 1)} CPUs${option.atLeast ? " at least" : ""}.`,
          threshold: `${busyPercent} %`,
          ranges: [],
          chartId: chartIds.cpuBusy,
        },
      ],
      advice: [
        "Move work that can wait out of the busiest hours; the load profile names them.",
        `If the load is to stay, plan for ${size}.`,
        ...sizing.cautions,
      ],
    },
  };
}
