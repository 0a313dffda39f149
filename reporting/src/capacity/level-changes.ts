import { findChangePoints } from "../statistics/change-points.ts";
import { meanWithin, type Minutes } from "../statistics/episodes.ts";
import { stepBesideTrend } from "../statistics/step-beside-trend.ts";
import { toSpans } from "./spans.ts";

/** From here on a resource was used more, or less, than before. */
export interface LevelChange {
  /** Unix seconds. */
  atS: number;
  /** Means of the stretches before and behind it, up to the next changes. */
  before: number;
  after: number;
}

/** The time to find changes grows with the square of their number. */
const mostPoints = 300;
/** A level lasts at least so long; where the daily course is known and taken out, at least a day. */
const leastS = 1800;
const leastOfDaysS = 86_400;
/** Share of the limit below which a step is of no interest. */
const leastStep = 0.05;
/** Standard errors that a step must have beside the slope around it. They take means for independent, which these are not: twice the usual two. */
const leastErrors = 4;
/** Its share of the difference between the two levels; the slope makes the rest. */
const leastOfDifference = 0.5;

/**
 * Where the level changed, in order of time. Where a steady rise or fall explains the stretches beside a change as well, there is none: that is a trend. `usual` has what an average day of its kind holds at a time, which is taken out first; null where
 * the capture is too short to tell, and the daily course is a change of level like any other.
 */
export function findLevelChanges(
  minutes: Minutes,
  { limit, usual }: { limit: number; usual: ((timeS: number) => number) | null },
): LevelChange[] {
  const { bucketS, means: all, window } = minutes;
  const { startsS, spanS, means } = toSpans(minutes, (bucketS * all.length) / mostPoints);
  const judged =
    usual === null
      ? means
      : means.map((mean, span) => mean - usual((startsS[span] ?? NaN) + spanS / 2));
  const lastsS = usual === null ? leastS : leastOfDaysS;
  const minimumLength = Math.max(5, Math.ceil(lastsS / spanS));
  const found = findChangePoints(judged, { minimumLength });
  const times = found.map(({ index }) => startsS[index] ?? NaN);
  const bounds = [0, ...found.map(({ index }) => index), judged.length];
  return found.flatMap(({ before, after }, at): LevelChange[] => {
    const [from, , to] = bounds.slice(at, at + 3);
    const { size, error } = stepBesideTrend(
      startsS.subarray(from, to),
      judged.subarray(from, to),
      times[at] ?? NaN,
    );
    const least = Math.max(
      leastStep * limit,
      leastErrors * error,
      leastOfDifference * Math.abs(after - before),
    );
    if (!(Math.abs(size) >= least)) return [];
    const [atS = NaN, fromS = window.startS, toS = window.endS] = [
      times[at],
      times[at - 1],
      times[at + 1],
    ];
    return [
      {
        atS,
        before: meanWithin(minutes, { startS: fromS, endS: atS }),
        after: meanWithin(minutes, { startS: atS, endS: toS }),
      },
    ];
  });
}
