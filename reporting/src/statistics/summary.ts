import { percentiles } from "./percentiles.ts";

/** One series in figures. Where `count` is 0, all others are NaN. */
export interface Summary {
  /** Values that are not gaps. */
  count: number;
  min: number;
  mean: number;
  p50: number;
  p75: number;
  p90: number;
  p95: number;
  p97_5: number;
  p99: number;
  max: number;
}

const probabilities = [0.5, 0.75, 0.9, 0.95, 0.975, 0.99];

/** Count, extremes, mean and exact percentiles of the raw values; gaps (NaN) are ignored. */
export function summarize(values: Float64Array): Summary {
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
  if (min === max) return { ...constant(min), count };
  const [p50 = NaN, p75 = NaN, p90 = NaN, p95 = NaN, p97_5 = NaN, p99 = NaN] = percentiles(
    values,
    probabilities,
  );
  return { count, min, mean: sum / count, p50, p75, p90, p95, p97_5, p99, max };
}

function constant(value: number): Omit<Summary, "count"> {
  return {
    min: value,
    mean: value,
    p50: value,
    p75: value,
    p90: value,
    p95: value,
    p97_5: value,
    p99: value,
    max: value,
  };
}
