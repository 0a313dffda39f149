import { normalQuantile } from "./normal-quantile.ts";
import { atRanks, percentiles } from "./percentiles.ts";

/** A straight line through points, half of the slopes between them steeper, half flatter. In units of y, and of y per unit of x. */
export interface Trend {
  slope: number;
  /** Bounds of the slope at the confidence asked for; infinite where the points are too few for it. */
  low: number;
  high: number;
  intercept: number;
}

/** More points than this make more pairs than are worth their time: pass the means of longer buckets. */
const mostPoints = 2000;

/**
 * Theil–Sen estimator: the median of the slopes between all pairs of points of different x; up to 29 % of the points may be
 * wild. The intercept is the median of y − slope·x. Points with a gap are left out. All results are NaN below two values of x.
 *
 * The bounds come from the variance of Kendall's S under no trend, corrected for ties: slopes at the ranks (N ∓ z·√var) ÷ 2 of
 * N, with interpolation (Gilbert, "Statistical Methods for Environmental Pollution Monitoring" (1987), 16.5; the variance as
 * in R's `cor.test(method = "kendall", exact = FALSE)`). They take points for independent: of series whose neighbours
 * resemble one another they are too narrow, the less the longer the buckets.
 *
 * Throws a RangeError for sides of unequal length, over 2,000 points, or a confidence outside of 0–1.
 */
export function theilSen(
  x: Float64Array,
  y: Float64Array,
  { confidence = 0.95 }: { confidence?: number } = {},
): Trend {
  if (x.length !== y.length || x.length > mostPoints) {
    throw new RangeError(`Cannot fit a trend: ${x.length} × ${y.length} points`);
  }
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`Cannot bound a trend: the confidence is ${confidence}, not 0–1`);
  }
  const complete = (value: number, index: number): boolean =>
    !Number.isNaN(value) && !Number.isNaN((x[index] ?? NaN) + (y[index] ?? NaN));
  const [measuredX, measuredY] = [x.filter(complete), y.filter(complete)];
  const slopes = slopesBetween(measuredX, measuredY);
  if (slopes.length === 0) return { slope: NaN, low: NaN, high: NaN, intercept: NaN };
  const reach =
    normalQuantile((1 + confidence) / 2) * Math.sqrt(kendallVariance(measuredX, measuredY));
  const lowRank = (slopes.length - reach) / 2 - 1;
  const highRank = (slopes.length + reach) / 2;
  const bounded = lowRank >= 0 && highRank <= slopes.length - 1;
  const ranks = [(slopes.length - 1) / 2, ...(bounded ? [lowRank, highRank] : [])];
  const [slope = NaN, low = -Infinity, high = Infinity] = atRanks(slopes, ranks);
  const rests = measuredY.map((value, index) => value - slope * (measuredX[index] ?? NaN));
  const [intercept = NaN] = percentiles(rests, [0.5]);
  return { slope, low, high, intercept };
}

function slopesBetween(x: Float64Array, y: Float64Array): Float64Array {
  const slopes = new Float64Array((x.length * (x.length - 1)) / 2);
  let count = 0;
  for (let one = 0; one < x.length; one++) {
    const [x1 = NaN, y1 = NaN] = [x[one], y[one]];
    for (let other = one + 1; other < x.length; other++) {
      const run = (x[other] ?? NaN) - x1;
      if (run !== 0) slopes[count++] = ((y[other] ?? NaN) - y1) / run;
    }
  }
  return slopes.subarray(0, count);
}

function kendallVariance(x: Float64Array, y: Float64Array): number {
  const n = x.length;
  const [tiesX, tiesY] = [tieSizes(x), tieSizes(y)];
  const sum = (ties: number[], term: (size: number) => number): number =>
    ties.reduce((total, size) => total + term(size), 0);
  const spread = (size: number): number => size * (size - 1) * (2 * size + 5);
  const pairs = (size: number): number => size * (size - 1);
  const triples = (size: number): number => size * (size - 1) * (size - 2);
  const untied = (spread(n) - sum(tiesX, spread) - sum(tiesY, spread)) / 18;
  const both = (sum(tiesX, pairs) * sum(tiesY, pairs)) / (2 * pairs(n));
  const thrice = n < 3 ? 0 : (sum(tiesX, triples) * sum(tiesY, triples)) / (9 * triples(n));
  return untied + both + thrice;
}

/** How often each value occurs that occurs more than once. */
function tieSizes(values: Float64Array): number[] {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].filter((count) => count > 1);
}
