import { countDistances } from "../../data/timing.ts";
import { formatCount, formatDuration, formatFixed, formatTime } from "../../format.ts";
import {
  mostPlaces,
  placeAt,
  type Check,
  type CheckContext,
  type CheckResult,
  type Place,
} from "../check.ts";

/** Samples in rhythm on both sides, without which nobody can say that one step left it. */
const steadySamples = 5;
/** Samples of two interleaved series, from which chance is no explanation. */
const fewestInterleaved = 10;

export const clock: Check = {
  id: "clock-steps",
  name: "Clock",
  looksFor: `A clock that was set: one distance between samples off by more than a second and a fifth of the interval, with ${steadySamples} samples in rhythm on either side, and counters that went on (they do not where a collector was restarted); two series interleaved, or rows whose times were there already, as when the clock goes back.`,
  thresholds:
    "None A, up to three steps B, more C; rows that go back up to 1 % of all B, more C; two series C.",
  judge(context) {
    const back = findSteppedBack(context);
    if (back !== null) return back;
    const steps = findSteps(context);
    if (steps.length === 0) return { grade: "A", sentence: "The clock ran evenly." };
    return {
      grade: steps.length <= 3 ? "B" : "C",
      sentence: `${formatCount(steps.length, "time")} the samples left their rhythm for another while counters went on: the clock was set, or the machine paused.`,
      places: steps.slice(0, mostPlaces),
    };
  },
};

function findSteppedBack(context: CheckContext): CheckResult | null {
  const { duplicates, outOfOrder, rowsRead } = context.input.corrections;
  const interleaved = findInterleaved(context);
  const forbids = { dailyProfile: "the clock went back, times of day are not certain." };
  if (interleaved !== null) {
    const { row, count } = interleaved;
    const fromS = context.dataset.timestampsS[row] ?? NaN;
    return {
      grade: "C",
      sentence: `From ${formatTime(fromS)} on ${formatCount(count, "sample")} come in two rhythms at once: the clock went back, or two collectors wrote.`,
      places: [placeAt(context, row, "two series interleave")],
      forbids,
    };
  }
  if (outOfOrder < steadySamples || duplicates < outOfOrder / 2) return null;
  // As many as a day's quarter of an hour move no time of day that is told by the hour.
  const isMuch = outOfOrder > 0.01 * rowsRead;
  return {
    grade: isMuch ? "C" : "B",
    sentence: `${formatCount(outOfOrder, "row")} went back in time, with ${formatFixed(duplicates, 0)} of all rows at times that were there already: the clock went back, or the same samples were written twice.`,
    forbids: isMuch ? forbids : {},
  };
}

/** Distances that alternate between two sizes which together are the interval: the longest such stretch. */
function findInterleaved({ dataset }: CheckContext): { row: number; count: number } | null {
  const { timestampsS, timing } = dataset;
  const { intervalS } = timing;
  if (intervalS === null) return null;
  const distance = (row: number): number =>
    (timestampsS[row] ?? NaN) - (timestampsS[row - 1] ?? NaN);
  const uneven = [...timing.distances].filter(([eachS]) => Math.abs(eachS - intervalS) > 1);
  if (uneven.reduce((sum, [, times]) => sum + times, 0) < fewestInterleaved) return null;
  // Where most samples interleave, the median distance is one of the two sizes, and a pair of them the interval.
  const mode = modeOfPairs(timestampsS);
  const pairS = mode === null || Math.abs(mode - 2 * intervalS) <= 1 ? intervalS : mode;
  let [run, longest, longestRow] = [0, 0, 0];
  let twoBefore = NaN;
  let one = distance(1);
  for (let row = 2; row < timestampsS.length; row++) {
    const other = distance(row);
    const alternates = Math.abs(one + other - pairS) <= 1 && Math.abs(one - other) >= 2;
    run = alternates && (run === 0 || Math.abs(twoBefore - other) <= 1) ? run + 1 : 0;
    if (run > longest) [longest, longestRow] = [run, row - run];
    twoBefore = one;
    one = other;
  }
  return longest >= fewestInterleaved ? { row: longestRow, count: longest + 1 } : null;
}

/** Null where fewer than half of all pairs of distances have one length. */
function modeOfPairs(timestampsS: Float64Array): number | null {
  const [mode] = [...countDistances(timestampsS, 2)].toSorted((a, b) => b[1] - a[1]);
  return mode !== undefined && mode[1] > timestampsS.length / 2 ? mode[0] : null;
}

function findSteps(context: CheckContext): Place[] {
  const { timestampsS, timing } = context.dataset;
  const { intervalS } = timing;
  const steps: Place[] = [];
  if (intervalS === null) return steps;
  const tolerance = Math.max(1, intervalS / 5);
  let steadyBefore = 0;
  for (let row = 1; row < timestampsS.length; row++) {
    const distanceS = (timestampsS[row] ?? NaN) - (timestampsS[row - 1] ?? NaN);
    if (Math.abs(distanceS - intervalS) <= 1) {
      steadyBefore++;
      continue;
    }
    const rest = distanceS % intervalS;
    const offS = Math.min(rest, intervalS - rest);
    const isStep =
      offS > tolerance &&
      steadyBefore >= steadySamples &&
      isSteadyFrom(timestampsS, row, intervalS) &&
      (distanceS <= 1.5 * intervalS || countersWentOn(context, row));
    if (isStep) {
      const value = `${formatDuration(distanceS)} after the sample before, ${formatDuration(offS)} off the rhythm`;
      steps.push(placeAt(context, row, value));
    }
    steadyBefore = 0;
  }
  return steps;
}

function isSteadyFrom(timestampsS: Float64Array, row: number, intervalS: number): boolean {
  for (let next = row + 1; next <= row + steadySamples; next++) {
    const distanceS = (timestampsS[next] ?? NaN) - (timestampsS[next - 1] ?? NaN);
    if (!(Math.abs(distanceS - intervalS) <= 1)) return false;
  }
  return true;
}

/** A rate needs the counter of the sample before: a collector that has just been started has none. */
function countersWentOn({ dataset, scan }: CheckContext, row: number): boolean {
  const rowCount = dataset.timestampsS.length;
  if ([...scan.rates.values()].some((present) => present[row] === 1)) return true;
  return scan.columns.some(
    ({ metric, summary }) => metric.kind === "rate" && summary.count === rowCount,
  );
}
