import { optionAt, sizeCpus, minimum, type Sizing } from "../../capacity/sizing.ts";
import { formatCount, formatDuration, formatFixed, formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { chartIds, type Rule, type RuleContext, type Verdict } from "../finding.ts";

/** Share of the CPUs that must be enough, at the 99th percentile and with the largest headroom. */
const enoughRatio = 0.5;
/** A machine of fewer CPUs is not worth the work. */
const leastCpus = 4;

export const cpuOversized: Rule = {
  id: "cpu-oversized",
  title: "CPU size",
  definition:
    `The load, at its 99th percentile and with 30 % headroom, fits into half of the CPUs or fewer, on a machine of ${leastCpus} or more; ` +
    `from ${formatDuration(minimum.lengthS)} of data on, of grade ${minimum.grade} or better.`,
  source:
    "The headrooms are those of AWS Compute Optimizer (0, 20 or 30 %, of the 90th, 95th or 99.5th percentile); the half, and the days of data, are our own.",
  judge,
};

function judge(dataset: Dataset, { grade, cpuCount }: RuleContext): Verdict {
  const sizing = sizeCpus(dataset, grade, cpuCount);
  if (sizing.outcome === "refused") return sizing;
  const option = optionAt(sizing, "p99", 0.3);
  const busy = dataset.measure("cpu_busy");
  if (option === undefined || busy === null) {
    return { outcome: "refused", reason: "cpu_idle has no values." };
  }
  const { p95, p99 } = dataset.summary(busy);
  const figures = `CPU busy ${formatValue(p95, "percent")} at the 95th and ${formatValue(p99, "percent")} at the 99th percentile of ${formatCount(sizing.current, "CPU")}`;
  if (sizing.current < leastCpus || option.size > enoughRatio * sizing.current) {
    return {
      outcome: "clear",
      sentence: `${figures}: with 30 % headroom ${formatCount(option.size, "CPU")} ${option.size === 1 ? "is" : "are"} needed${option.atLeast ? " or more" : ""}.`,
      confidence: "high",
    };
  }
  return {
    outcome: "finding",
    finding: {
      severity: "notice",
      confidence: dataset.timing.lengthS >= 7 * minimum.lengthS ? "high" : "medium",
      title: `The machine has more CPUs than its load needs`,
      sentence: `${formatCount(option.size, "CPU")} of ${formatFixed(sizing.current, 0)} would have carried the load of ${formatDuration(dataset.timing.lengthS)} with 30 % to spare, peaks included.`,
      evidence: [
        {
          sentence: `${figures}, that is ${formatFixed((p99 / 100) * sizing.current, 1)} CPUs; with 30 % headroom ${formatFixed(option.needed, 1)}.`,
          threshold: `half of ${formatCount(sizing.current, "CPU")}`,
          ranges: [],
          chartId: chartIds.cpuBusy,
        },
      ],
      advice: advise(sizing, dataset),
    },
  };
}

function advise({ cautions }: Sizing, { timing }: Dataset): string[] {
  return [
    "See whether the months hold a higher peak than this capture: month-end, campaigns, a failover that brings another machine's load here.",
    "Then move to the smaller size, and look at the report again after a week.",
    ...(timing.lengthS < 7 * minimum.lengthS
      ? ["Capture a whole week first: this data has not seen every weekday."]
      : []),
    ...cautions,
  ];
}
