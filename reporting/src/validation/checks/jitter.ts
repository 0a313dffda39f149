import { fewestSteady, markSteady } from "../../data/timing.ts";
import { formatCount, formatDuration, formatFixed, formatShare } from "../../format.ts";
import { mostPlaces, placeAt, type Check, type Place } from "../check.ts";
import { gradeOf } from "../grade.ts";

export const jitter: Check = {
  id: "jitter",
  name: "Jitter",
  looksFor: `Samples earlier or later than their interval by more than a second and a tenth of it, gaps aside, and those of which ${fewestSteady} or more in a row keep another.`,
  thresholds:
    "Up to 1 % of samples A, 10 % B, more C: rates are divided by the time that really passed.",
  judge(context) {
    const { timestampsS, timing } = context.dataset;
    const { intervalS } = timing;
    if (intervalS === null) return { grade: "A", sentence: "One sample has no interval." };
    const tolerance = Math.max(1, intervalS / 10);
    const isOff = (distanceS: number): boolean =>
      Math.abs(distanceS - intervalS) > tolerance && distanceS <= 1.5 * intervalS;
    const kept = {
      grade: "A",
      sentence: `Samples keep their interval of ${formatDuration(intervalS)}.`,
    } as const;
    if (![...timing.distances.keys()].some(isOff)) return kept;
    const steady = markSteady(timestampsS);
    let count = 0;
    let worst = 0;
    const places: Place[] = [];
    for (let row = 1; row < timestampsS.length; row++) {
      const distanceS = (timestampsS[row] ?? NaN) - (timestampsS[row - 1] ?? NaN);
      if (!isOff(distanceS) || steady[row] === 1) continue;
      count++;
      worst = Math.max(worst, Math.abs(distanceS - intervalS));
      if (places.length < mostPlaces) {
        places.push(placeAt(context, row, `${formatFixed(distanceS, 0)} s after the one before`));
      }
    }
    if (count === 0) return kept;
    const ratio = count / (timestampsS.length - 1);
    return {
      grade: gradeOf(ratio, [0.01, 0.1]),
      sentence: `${formatCount(count, "sample")} (${formatShare(ratio)}) came off the interval of ${formatDuration(intervalS)}, by up to ${formatDuration(worst)}.`,
      places,
    };
  },
};
