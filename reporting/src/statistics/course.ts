// A measure's course over the whole window, in as many buckets as a chart has pixels.
import type { Timing } from "../data/timing.ts";

/** About as many as a chart has pixels. */
const mostBuckets = 900;

/** Lengths at which people read time: seconds, minutes, hours, days. */
const roundLengthsS = [
  1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600,
  43_200, 86_400,
];
/** Of so many sampling intervals a bucket may win or lose one. */
const manyIntervals = 10;

export interface CourseSpan {
  /** Unix seconds. */
  startS: number;
  bucketS: number;
  /** Number of buckets. */
  length: number;
}

/**
 * At most `most` buckets. Each holds a whole number of sampling intervals, or they would differ in how many samples they hold. Where that
 * is many, they begin at full minutes and hours, so that minutes add up to them; else their edges lie half an interval beside the samples,
 * so that a tick a little early or late stays in its bucket.
 */
export function courseSpan(
  { startS, endS, intervalS }: Timing,
  most: number = mostBuckets,
): CourseSpan {
  const stepS = intervalS ?? 1;
  const least = (endS - startS + stepS) / (most - 1);
  const bucketS =
    roundLengthsS.find((lengthS) => lengthS >= least && lengthS % stepS === 0) ??
    stepS * Math.ceil(least / stepS);
  const isLong = bucketS % 60 === 0 && bucketS >= manyIntervals * stepS;
  const from = isLong ? Math.floor(startS / bucketS) * bucketS : startS - stepS / 2;
  return { startS: from, bucketS, length: Math.floor((endS - from) / bucketS) + 1 };
}
