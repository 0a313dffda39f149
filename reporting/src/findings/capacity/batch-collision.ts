import type { BatchWindow } from "../../capacity/batch-windows.ts";
import { formatMinuteOfDay } from "../../capacity/calendar.ts";
import { formatCount, formatDuration, formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import type { Rule, RuleContext, Verdict } from "../finding.ts";

/** A few minutes into the morning disturb nobody. */
const leastOverrunS = 900;
/** From here on, what happened once has had its chance to happen again. */
const longS = 14 * 86_400;

export const batchCollision: Rule = {
  id: "batch-collision",
  title: "Batch work in business hours",
  definition: `A stretch of high load outside of business hours (see the load profile) lasts ${formatDuration(leastOverrunS)} or more into them, and ends within 4 h; in captures of ${formatDuration(longS)} and more, twice. A notice.`,
  source: "Our own.",
  judge,
};

function judge(dataset: Dataset, { profile }: RuleContext): Verdict {
  const { batchWindows, hours, resources, timeZone } = profile;
  const bothSeen = resources.some(
    ({ periods }) =>
      periods.some(({ period }) => period === "business") &&
      periods.some(({ period }) => period !== "business"),
  );
  if (!bothSeen) {
    return {
      outcome: "refused",
      reason: `The capture does not hold both business hours (${hours.text}, ${timeZone}) and other times.`,
    };
  }
  const isLong = dataset.timing.lengthS >= longS;
  const late = batchWindows.filter((window) => lateOf(window).length >= (isLong ? 2 : 1));
  const [first] = late.toSorted(
    (a, b) => lateOf(b).length - lateOf(a).length || b.overrunS - a.overrunS,
  );
  if (first === undefined) {
    const count =
      batchWindows.length === 0
        ? "No batch window was"
        : `${formatCount(batchWindows.length, "batch window")}, none of them`;
    return {
      outcome: "clear",
      sentence: `${count} seen in business hours (${hours.text}, ${timeZone})${isLong ? " more than once" : ""}.`,
      confidence: "high",
    };
  }
  return {
    outcome: "finding",
    finding: {
      severity: "notice",
      confidence: lateOf(first).length > 1 ? "high" : "medium",
      title: "Night work runs into the working day",
      sentence: `Work that begins at ${formatMinuteOfDay(first.startMinute)} (${timeZone}) is not done when people begin: it takes ${formatDuration(first.overrunS)} of business hours${seen(first)}.`,
      evidence: late.map((window) => evidenceOf(window)),
      advice: [
        "Start it earlier, or split it; see what it waits for (the busiest resource above).",
        "Lower its priority, so that people come first: nice, ionice, cpu.weight, io.weight.",
        "See whether it grows: what overruns by minutes today does so by hours in a year.",
      ],
    },
  };
}

/** Those of its occurrences that disturb people. */
function lateOf({ occurrences }: BatchWindow): BatchWindow["occurrences"] {
  return occurrences.filter(({ overrunS }) => overrunS >= leastOverrunS);
}

/** " at the most, 3 of the 5 times that it was seen", to follow how much of business hours it takes. */
function seen(window: BatchWindow): string {
  const { occurrences, dayCount } = window;
  if (dayCount === 1) return "";
  const late = lateOf(window).length;
  return late === occurrences.length
    ? ` at the most, seen on ${formatCount(dayCount, "day")}`
    : ` at the most, ${late} of the ${occurrences.length} times that it was seen`;
}

function evidenceOf(window: BatchWindow) {
  const { startMinute, lengthS, busy, overrunS } = window;
  const loads = busy
    .slice(0, 3)
    .map(({ load, mean }) => `${load.label} ${formatValue(mean, load.unit)}`)
    .join(", ");
  return {
    sentence: `From ${formatMinuteOfDay(startMinute)} on, for ${formatDuration(lengthS)} ${window.occurrences.length > 1 ? "in the median " : ""}before business hours, and up to ${formatDuration(overrunS)} into them: ${loads}.`,
    threshold: `${formatDuration(leastOverrunS)} into business hours`,
    ranges: lateOf(window),
    chartId: null,
  };
}
