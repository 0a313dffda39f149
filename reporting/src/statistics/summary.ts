import { deviationFrom } from "./median-absolute-deviation.ts";
import { percentiles } from "./percentiles.ts";
import { timeWeightedMean } from "./time-weighted-mean.ts";

/** One series in figures. Where `count` is 0, all others are NaN. */
export interface Summary {
  /** Values that are not gaps. */
  count: number;
  min: number;
  /** Weighed by time, as in `timeWeightedMean()`; where the samples' times are not given, each weighs the same. */
  mean: number;
  /** Every sample weighs the same: of samples at a steady pace, the same as `mean`. */
  sampleMean: number;
  /** Of a sample, √(Σ(x − sampleMean)² ÷ (count − 1)), R's `sd()`; NaN for a single value. */
  standardDeviation: number;
  /** Raw median absolute deviation, as in `medianAbsoluteDeviation()`. */
  mad: number;
  p50: number;
  p75: number;
  p90: number;
  p95: number;
  p97_5: number;
  p99: number;
  max: number;
}

/** When the values were taken. */
export interface SampleTimes {
  /** Ascending Unix seconds, one a value. */
  timestampsS: Float64Array;
  intervalS: number;
}

const probabilities = [0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.25];

/**
 * Count, extremes, means, spread and exact percentiles of the raw values; gaps (NaN) are ignored. `times` may be left out
 * where the samples have a steady pace.
 */
export function summarize(values: Float64Array, times: SampleTimes | null = null): Summary {
  let count = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (value !== value) continue;
    count++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (count === 0) return { ...constant(NaN), count };
  // Nothing to select from, and the mean of equal values is not left to rounding.
  if (min === max) return { ...constant(min), count, ...spreadOfConstant(count) };
  const [p50 = NaN, p75 = NaN, p90 = NaN, p95 = NaN, p97_5 = NaN, p99 = NaN, p25 = NaN] =
    percentiles(values, probabilities);
  const sampleMean = sum / count;
  const standardDeviation = Math.sqrt(squaresAround(values, sampleMean) / (count - 1));
  const mad = deviationFrom(values, { p25, p50, p75 });
  const mean =
    times === null ? sampleMean : timeWeightedMean(times.timestampsS, values, times.intervalS);
  const means = { mean, sampleMean, standardDeviation, mad };
  return { count, min, ...means, p50, p75, p90, p95, p97_5, p99, max };
}

/** Σ(x − centre)², freed of the little by which a rounded mean is off. */
function squaresAround(values: Float64Array, centre: number): number {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    const distance = value - centre;
    if (distance !== distance) continue;
    count++;
    sum += distance;
    squares += distance * distance;
  }
  return squares - (sum * sum) / count;
}

function spreadOfConstant(count: number): Pick<Summary, "standardDeviation" | "mad"> {
  return { standardDeviation: count > 1 ? 0 : NaN, mad: 0 };
}

function constant(value: number): Omit<Summary, "count"> {
  return {
    min: value,
    mean: value,
    sampleMean: value,
    standardDeviation: NaN,
    mad: NaN,
    p50: value,
    p75: value,
    p90: value,
    p95: value,
    p97_5: value,
    p99: value,
    max: value,
  };
}
