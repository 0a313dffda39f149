import type { ResourceProfile } from "../../capacity/load-profile.ts";
import { toSpans } from "../../capacity/spans.ts";
import {
  formatBounds,
  formatDuration,
  formatFixed,
  formatValue,
  lowerFirst,
} from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { percentiles } from "../../statistics/percentiles.ts";
import { theilSen } from "../../statistics/theil-sen.ts";
import type { Rule, RuleContext, Verdict } from "../finding.ts";

const dayS = 86_400;
/** Two of each weekday, or a weekend at one end would look like a trend. */
const leastDays = 14;
/** A resource counts as full at this share of its limit. */
const fullRatio = 0.9;
/** A quarter of a year: the time that buying and moving take. */
const horizonWeeks = 13;

export const growthTrend: Rule = {
  id: "growth-trend",
  title: "Growth of the load",
  definition:
    `The daily 95th percentiles of CPU, a disk's busy share or traffic on a line of known speed rise (Theil–Sen, with 95 % confidence) such that it reaches ${100 * fullRatio} % of its limit within ${horizonWeeks} weeks; ` +
    `from ${leastDays} whole days of data on; a notice.`,
  source: "Our own; capacity planners look a quarter of a year ahead.",
  contradicts: ["cpu-oversized"],
  judge,
};

interface Growth {
  kind: ResourceProfile["use"]["kind"];
  label: string;
  unit: ResourceProfile["use"]["measure"]["unit"];
  nowLevel: number;
  full: number;
  perWeek: number;
  /** Weeks until it is full, by the trend and by its steepest and flattest bound. */
  weeks: number;
  soonest: number;
  latest: number;
}

function judge(dataset: Dataset, { profile, grade }: RuleContext): Verdict {
  const { lengthS } = dataset.timing;
  if (grade.forbids.trend !== null) return { outcome: "refused", reason: grade.forbids.trend };
  if (lengthS < leastDays * dayS) {
    return {
      outcome: "refused",
      reason: `${formatDuration(lengthS)} captured: growth shows from ${leastDays} days on, below that it is the difference between weekdays.`,
    };
  }
  // A peak of its own is no limit that could be reached.
  const limited = profile.resources.filter(
    // Memory that grows is judged by a rule of its own.
    ({ use }) => use.limitKind !== "peak" && use.kind !== "memory",
  );
  if (limited.length === 0) {
    return {
      outcome: "refused",
      reason: "Neither CPU nor how busy a disk was is in the data, nor the speed of an interface.",
    };
  }
  const growing = limited.flatMap((resource) => growthOf(dataset, resource));
  const [first] = growing.toSorted((a, b) => a.weeks - b.weeks);
  if (first === undefined || first.weeks > horizonWeeks) {
    return {
      outcome: "clear",
      sentence:
        first === undefined
          ? `None of ${limited.map(({ use }) => use.label).join(", ")} grew with confidence.`
          : `${first.label} grows by ${formatValue(first.perWeek, first.unit)} a week, and would be full in ${formatFixed(first.weeks, 0)} weeks (limit ${horizonWeeks}).`,
      confidence: "medium",
    };
  }
  const soon = growing.filter(({ weeks }) => weeks <= horizonWeeks);
  return {
    outcome: "finding",
    finding: {
      severity: "notice",
      confidence: "medium",
      // A disk that fills its time says nothing of the CPUs.
      compatible: soon.some(({ kind }) => kind === "cpu") ? [] : ["cpu-oversized"],
      title: `${first.label} will be at its limit in about ${formatFixed(first.weeks, 0)} weeks`,
      sentence: `The load grows: if it goes on as in these ${formatDuration(lengthS)}, ${lowerFirst(first.label)} is full in about ${formatFixed(first.weeks, 0)} weeks.`,
      evidence: soon.map((growth) => ({
        sentence: `${growth.label}: ${formatValue(growth.nowLevel, growth.unit)} at the end (95th percentile of a day), ${formatValue(growth.perWeek, growth.unit)} more a week; full in about ${formatFixed(growth.weeks, 0)} weeks${formatBounds(formatFixed(growth.soonest, 0), formatFixed(growth.latest, 0))}.`,
        threshold: `${formatValue(growth.full, growth.unit)} within ${horizonWeeks} weeks`,
        ranges: [],
        chartId: null,
      })),
      advice: [
        "Find out what grows: more users, more data, or the same work done less well since a release.",
        "Plan the larger machine, or the second one, before that week; the right-sizing section tells the sizes.",
        "Make the report again in two weeks: a trend that goes on is one.",
      ],
    },
  };
}

/** None where it does not grow with confidence. */
function growthOf(dataset: Dataset, { use }: ResourceProfile): Growth[] {
  const minutes = dataset.minutes(use.measure);
  const { startsS, spanS, means } = toSpans(minutes, dayS);
  // Days that were hardly measured speak neither by mean nor by percentile.
  const levels = means.map((mean, day) => {
    const from = Math.round(((startsS[day] ?? 0) - minutes.startS) / minutes.bucketS);
    const own = minutes.means.subarray(Math.max(0, from), from + spanS / minutes.bucketS);
    return Number.isNaN(mean) ? NaN : (percentiles(own, [0.95])[0] ?? NaN);
  });
  const weeks = startsS.map((startS) => (startS - (startsS[0] ?? 0)) / (7 * dayS));
  const { slope, low, high, intercept } = theilSen(weeks, levels, { confidence: 0.95 });
  if (!(low > 0)) return [];
  const nowLevel = intercept + slope * (weeks.at(-1) ?? 0);
  const full = fullRatio * use.limit;
  const left = Math.max(0, full - nowLevel);
  return [
    {
      kind: use.kind,
      label: use.label,
      unit: use.measure.unit,
      nowLevel,
      full,
      perWeek: slope,
      weeks: left / slope,
      soonest: left / high,
      latest: left / low,
    },
  ];
}
