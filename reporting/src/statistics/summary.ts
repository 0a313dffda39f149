import type { Gap } from "../data/timing.ts";
import { totalOf, type Total } from "./buckets.ts";
import { findDeviation, measureSpread, type Spread } from "./median-absolute-deviation.ts";
import {
  atRanks,
  between,
  countFrom,
  countIntoBins,
  placesOf,
  selectFromBins,
  withoutGaps,
  type Range,
} from "./percentiles.ts";
import { toBuckets } from "./row-grid.ts";
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
  /** In order. */
  gaps: readonly Gap[];
}

const probabilities = [0.5, 0.75, 0.9, 0.95, 0.975, 0.99];

/**
 * Count, extremes, means, spread and exact percentiles of the raw values; gaps (NaN) are ignored. `times` may be left out
 * where the samples have a steady pace, `total` where nobody has added the values up yet.
 */
export function summarize(
  values: Float64Array,
  times: SampleTimes | null = null,
  { count, sum, min, max }: Total = addUp(values),
): Summary {
  if (count === 0) return { ...constant(NaN), count };
  // Nothing to select from, and the mean of equal values is not left to rounding.
  if (min === max) return { ...constant(min), count, ...spreadOfConstant(count) };
  const sampleMean = sum / count;
  const ranks = probabilities.map((probability) => (count - 1) * probability);
  const { atEach, spread } = (count >= countFrom ? orderMany : orderFew)(values, {
    ranks,
    count,
    min,
    max,
    sampleMean,
  });
  const [p50 = NaN, p75 = NaN, p90 = NaN, p95 = NaN, p97_5 = NaN, p99 = NaN] = atEach;
  const mean = times === null ? sampleMean : timeWeightedMean(times.timestampsS, values, times);
  return { count, min, mean, sampleMean, ...spread, p50, p75, p90, p95, p97_5, p99, max };
}

interface Extent extends Range {
  sampleMean: number;
  /** The median's first. */
  ranks: readonly number[];
  count: number;
}

interface Ordered {
  /** What stands at each rank. */
  atEach: number[];
  spread: Spread;
}

function orderFew(values: Float64Array, { ranks, count }: Extent): Ordered {
  const scratch = withoutGaps(values);
  const last = count - 1;
  const [p25 = NaN, p75 = NaN, ...atEach] = atRanks(scratch, [last / 4, 0.75 * last, ...ranks]);
  const [p50 = NaN] = atEach;
  return { atEach, spread: measureSpread(values, { p25, p50, p75, scratch }) };
}

/** What is wanted of many values lies in a few of many bins: they are counted, and those bins alone are put in order. */
function orderMany(values: Float64Array, extent: Extent): Ordered {
  const bins = countIntoBins(values, extent, extent.sampleMean);
  const deviation = bins === null ? null : findDeviation(bins, extent.count);
  if (bins === null || deviation === null) return orderFew(values, extent);
  const { selected, found } = selectFromBins(
    values,
    bins,
    placesOf(extent.ranks),
    deviation.wanted,
  );
  const atEach = extent.ranks.map((rank) => between(selected, rank));
  const [p50 = NaN] = atEach;
  for (let index = 0; index < found.length; index++) {
    found[index] = Math.abs((found[index] ?? NaN) - p50);
  }
  const [mad = NaN] = atRanks(found, [deviation.rank]);
  return {
    atEach,
    spread: { mad, standardDeviation: Math.sqrt(bins.squares / (extent.count - 1)) },
  };
}

function addUp(values: Float64Array): Total {
  const grid = { startS: 0, bucketS: 1, starts: Uint32Array.of(0, values.length) };
  return totalOf(toBuckets(grid, values));
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
