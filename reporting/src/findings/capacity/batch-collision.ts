import type { BatchWindow } from "../../capacity/batch-windows.ts";
import { formatMinuteOfDay } from "../../capacity/calendar.ts";
import { formatCount, formatDuration, formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import type { Rule, RuleContext, Verdict } from "../finding.ts";

/** A few minutes into the morning disturb nobody. */
const leastOverrunS = 900;

export const batchCollision: Rule = {
  id: "batch-collision",
  title: "Batch work in business hours",
  definition: `A stretch of high load outside of business hours (see the load profile) lasts ${formatDuration(leastOverrunS)} or more into them, and ends within 4 h; a notice.`,
  source: "Our own.",
  judge,
};

function judge(_: Dataset, { profile }: RuleContext): Verdict {
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
  const late = batchWindows.filter(({ overrunS }) => overrunS >= leastOverrunS);
  const [first] = late.toSorted((a, b) => b.dayCount - a.dayCount || b.overrunS - a.overrunS);
  if (first === undefined) {
    const count =
      batchWindows.length === 0
        ? "No batch window was"
        : `${formatCount(batchWindows.length, "batch window")}, none of them`;
    return {
      outcome: "clear",
      sentence: `${count} seen in business hours (${hours.text}, ${timeZone}).`,
      confidence: "high",
    };
  }
  return {
    outcome: "finding",
    finding: {
      severity: "notice",
      confidence: first.dayCount > 1 ? "high" : "medium",
      title: "Night work runs into the working day",
      sentence: `Work that begins at ${formatMinuteOfDay(first.startMinute)} (${timeZone}) is not done when people begin: it takes ${formatDuration(first.overrunS)} of business hours${first.dayCount > 1 ? ` at the most, seen on ${formatCount(first.dayCount, "day")}` : ""}.`,
      evidence: late.map((window) => evidenceOf(window)),
      advice: [
        "Start it earlier, or split it; see what it waits for (the busiest resource above).",
        "Lower its priority, so that people come first: nice, ionice, cpu.weight, io.weight.",
        "See whether it grows: what overruns by minutes today does so by hours in a year.",
      ],
    },
  };
}

function evidenceOf({ startMinute, lengthS, occurrences, busy, overrunS }: BatchWindow) {
  const loads = busy
    .slice(0, 3)
    .map(({ load, mean }) => `${load.label} ${formatValue(mean, load.unit)}`)
    .join(", ");
  return {
    sentence: `From ${formatMinuteOfDay(startMinute)} for ${formatDuration(lengthS)} until business hours, and up to ${formatDuration(overrunS)} into them: ${loads}.`,
    threshold: `${formatDuration(leastOverrunS)} into business hours`,
    ranges: occurrences,
    chartId: null,
  };
}
