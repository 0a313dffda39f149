import { measureSpread, type Spread } from "./median-absolute-deviation.ts";
import { atRanks } from "./percentiles.ts";
import { timeWeightedMean } from "./time-weighted-mean.ts";

/** One series in figures. Its deviations are those of the samples, whatever their times. Where `count` is 0, all others are NaN. */
export interface Summary extends Spread {
  /** Values that are not gaps. */
  count: number;
  min: number;
  /** Weighed by time, as in `timeWeightedMean()`; where the samples' times are not given, each weighs the same. */
  mean: number;
  /** Every sample weighs the same: of samples at a steady pace, the same as `mean`. */
  sampleMean: number;
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
 * where the samples have a steady pace. `room` is written to, where it is given: an array as long as `values`.
 */
export function summarize(
  values: Float64Array,
  times: SampleTimes | null = null,
  room?: Float64Array,
): Summary {
  const whole = room ?? new Float64Array(values.length);
  let count = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? NaN;
    if (value !== value) continue;
    whole[count] = value;
    count++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (count === 0) return { ...constant(NaN), count };
  // Nothing to select from, and the mean of equal values is not left to rounding.
  if (min === max) return { ...constant(min), count, ...spreadOfConstant(count) };
  const scratch = whole.subarray(0, count);
  const [p50 = NaN, p75 = NaN, p90 = NaN, p95 = NaN, p97_5 = NaN, p99 = NaN, p25 = NaN] = atRanks(
    scratch,
    probabilities.map((probability) => (count - 1) * probability),
    { min, max },
  );
  const spread = measureSpread(values, { p25, p50, p75, scratch });
  const sampleMean = sum / count;
  const mean =
    times === null ? sampleMean : timeWeightedMean(times.timestampsS, values, times.intervalS);
  return { count, min, mean, sampleMean, ...spread, p50, p75, p90, p95, p97_5, p99, max };
}

function spreadOfConstant(count: number): Spread {
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
