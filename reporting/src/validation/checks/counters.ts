import { formatCount } from "../../format.ts";
import { mostPlaces, placeAt, type Check } from "../check.ts";

const fewestSteps = 100;

export const counters: Check = {
  id: "raw-counters",
  name: "Counters",
  looksFor: `Counters where rates should be: a rate that rises in half of its samples or more, of ${fewestSteps} at least, and falls in fewer than one of 1,000.`,
  thresholds: "None A, some D.",
  judge(context) {
    const found = context.scan.columns.filter(
      ({ metric, changes: seen }) =>
        metric.kind === "rate" &&
        metric.unit !== "percent" &&
        seen !== null &&
        seen.steps >= fewestSteps &&
        seen.rises >= seen.steps / 2 &&
        seen.changes - seen.rises < seen.steps / 1000,
    );
    if (found.length === 0)
      return { grade: "A", sentence: "Every rate rises and falls as rates do." };
    return {
      grade: "D",
      sentence: `${formatCount(found.length, "column")} only ever rise: counters were written instead of rates.`,
      places: found
        .slice(0, mostPlaces)
        .map(({ measure }) => placeAt(context, 0, "rises throughout", measure.name)),
      forbids: { rightSizing: "some rates are counters.", trend: "some rates are counters." },
    };
  },
};
