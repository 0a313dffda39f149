import type { Timing } from "../data/timing.ts";
import type { TimeSpan } from "../charts/frame.ts";

/** About as many as a chart has pixels. */
const mostBuckets = 900;

/** Lengths at which people read time: seconds, minutes, hours, days. */
const roundLengthsS = [
  1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600,
  43_200, 86_400,
];

/**
 * The buckets of charts, at most `most` of them. A bucket holds a whole number of sampling intervals, or buckets would differ in how many
 * samples they hold; edges lie half an interval beside the samples, so that a tick a little early or late stays in its bucket.
 */
export function chartSpan(
  { startS, endS, intervalS }: Timing,
  most: number = mostBuckets,
): TimeSpan {
  const stepS = intervalS ?? 1;
  const least = (endS - startS + stepS) / most;
  const bucketS =
    roundLengthsS.find((lengthS) => lengthS >= least && lengthS % stepS === 0) ??
    stepS * Math.ceil(least / stepS);
  const from = startS - stepS / 2;
  return { startS: from, bucketS, length: Math.floor((endS - from) / bucketS) + 1 };
}
