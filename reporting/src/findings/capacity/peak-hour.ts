import { formatMinuteOfDay } from "../../capacity/calendar.ts";
import { leastDays, type ResourceProfile } from "../../capacity/load-profile.ts";
import { formatDuration, formatValue, lowerFirst } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import type { Rule, RuleContext, Verdict } from "../finding.ts";

/** Share of its limit that a resource uses in the hour, on average. */
const highRatio = 0.6;
/** How much that is of the mean of all hours. */
const factor = 2;

export const peakHour: Rule = {
  id: "peak-hour",
  title: "Peak hour",
  definition: `In the same hour of every day, from ${leastDays} days of data on, a resource is in use above ${100 * highRatio} % of its limit on average, and ${factor} times as much as over the whole day; a notice.`,
  source: "Our own.",
  judge,
};

interface Peak {
  resource: ResourceProfile;
  hour: number;
  mean: number;
  whole: number;
}

function judge(dataset: Dataset, { profile, grade }: RuleContext): Verdict {
  const { lengthS } = dataset.timing;
  if (grade.forbids.dailyProfile !== null) {
    return { outcome: "refused", reason: grade.forbids.dailyProfile };
  }
  const peaks = profile.resources.flatMap((resource) => peakOf(resource));
  if (peaks.length === 0) {
    return {
      outcome: "refused",
      reason:
        lengthS < leastDays * 86_400
          ? `${formatDuration(lengthS)} captured: hours of the day are compared from ${leastDays} days on.`
          : "No resource whose limit is known was in use.",
    };
  }
  const ratio = ({ resource, mean }: Peak): number => mean / resource.use.limit;
  const [highest] = peaks.toSorted((a, b) => ratio(b) - ratio(a));
  const found = peaks.filter((peak) => ratio(peak) > highRatio && peak.mean >= factor * peak.whole);
  const [first] = found.toSorted((a, b) => ratio(b) - ratio(a));
  if (first === undefined) {
    return {
      outcome: "clear",
      sentence: clearSentence(highest, profile.timeZone),
      confidence: "high",
    };
  }
  const { kind, label, measure } = first.resource.use;
  return {
    outcome: "finding",
    finding: {
      severity: "notice",
      confidence: "medium",
      title: `One hour of the day needs most of ${lowerFirst(label)}`,
      sentence: `Every day between ${span(first.hour)} (${profile.timeZone}) ${lowerFirst(label)} is in use ${formatValue(first.mean, measure.unit)} on average, over the whole day ${formatValue(first.whole, measure.unit)}. ${kind === "cpu" ? "The machine is as large as this hour needs it." : "Whatever else runs in that hour waits for it."}`,
      evidence: found.map(({ resource: { use }, hour, mean, whole }) => ({
        sentence: `${use.label}: ${formatValue(mean, use.measure.unit)} between ${span(hour)}, ${formatValue(whole, use.measure.unit)} over the whole day.`,
        threshold: `${formatValue(highRatio * use.limit, use.measure.unit)}, and ${factor} times the mean`,
        ranges: [],
        chartId: null,
      })),
      advice: [
        "Find out what begins at that hour: timers (systemctl list-timers), crontabs, reports that all start on the full hour.",
        kind === "cpu"
          ? "Spread the starts over an hour or two, or move what can wait to the quiet hours: a smaller machine may then do."
          : "Spread the starts over an hour or two, so that they do not wait for one another.",
      ],
    },
  };
}

/** None of what has no limit, and of captures without hours of the day. */
function peakOf(resource: ResourceProfile): Peak[] {
  const { hours, use } = resource;
  if (hours === null || use.limitKind === "peak" || use.kind === "memory") return [];
  const measured = [...hours.entries()].filter(([, mean]) => !Number.isNaN(mean));
  const [highest] = measured.toSorted((a, b) => b[1] - a[1]);
  if (highest === undefined) return [];
  const [hour, mean] = highest;
  const whole = measured.reduce((sum, [, value]) => sum + value, 0) / measured.length;
  return [{ resource, hour, mean, whole }];
}

function clearSentence(peak: Peak | undefined, timeZone: string): string {
  if (peak === undefined) return "No resource has an hour of its own.";
  const { label, measure } = peak.resource.use;
  return `The busiest hour of the day is between ${span(peak.hour)} (${timeZone}): ${label} in use ${formatValue(peak.mean, measure.unit)} on average (limit ${100 * highRatio} % of what there is, and ${factor} times the mean of ${formatValue(peak.whole, measure.unit)}).`;
}

function span(hour: number): string {
  return `${formatMinuteOfDay(60 * hour)} and ${formatMinuteOfDay(60 * (hour + 1))}`;
}
