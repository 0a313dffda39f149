import { atRanks, withoutGaps, type Bins } from "./percentiles.ts";

/** Times this, the deviation estimates the standard deviation of normally distributed values: the default of R's `mad()`. */
export const normalConsistency = 1.4826;

/**
 * Median of the distances from the median: a spread that nearly half of the values cannot spoil. Raw, as R's
 * `mad(constant = 1)`. Gaps (NaN) are ignored; NaN where nothing was measured.
 * Source: Hampel, "The Influence Curve and Its Role in Robust Estimation", JASA 69 (1974).
 */
export function medianAbsoluteDeviation(values: Float64Array): number {
  const scratch = withoutGaps(values);
  if (scratch.length === 0) return NaN;
  const last = scratch.length - 1;
  const [p25 = NaN, p50 = NaN, p75 = NaN] = atRanks(scratch, [last / 4, last / 2, 0.75 * last]);
  return measureSpread(values, { p25, p50, p75, scratch }).mad;
}

export interface Spread {
  /** Of a sample, √(Σ(x − mean)² ÷ (n − 1)), R's `sd()`; NaN for a single value. */
  standardDeviation: number;
  mad: number;
}

/**
 * Both in one pass, where the quartiles are known. Half of the values lie between them, so the deviation lies between the distances
 * of the quartiles from the median, and only values that far away have to be put in order. `scratch` has room for each value
 * that is no gap, and is overwritten.
 */
export function measureSpread(
  values: Float64Array,
  { p25, p50, p75, scratch }: { p25: number; p50: number; p75: number; scratch: Float64Array },
): Spread {
  const low = Math.min(p50 - p25, p75 - p50);
  const high = Math.max(p50 - p25, p75 - p50);
  let count = 0;
  let sum = 0;
  let squares = 0;
  let nearer = 0;
  let between = 0;
  for (let index = 0; index < values.length; index++) {
    const difference = (values[index] ?? NaN) - p50;
    if (difference !== difference) continue;
    count++;
    sum += difference;
    squares += difference * difference;
    const distance = Math.abs(difference);
    // Without a branch: the next value overwrites what does not count.
    scratch[between] = distance;
    nearer += distance < low ? 1 : 0;
    between += distance >= low && distance <= high ? 1 : 0;
  }
  // The mean is never further from the median than a standard deviation, so that little is lost to cancellation.
  const standardDeviation = Math.sqrt(Math.max(0, squares - (sum * sum) / count) / (count - 1));
  const rank = (count - 1) / 2;
  if (Math.floor(rank) >= nearer && Math.ceil(rank) < nearer + between) {
    const [mad = NaN] = atRanks(scratch.subarray(0, between), [rank - nearer]);
    return { standardDeviation, mad };
  }
  // Quartiles that were interpolated may lie a value off the one needed.
  const distances = withoutGaps(values).map((value) => Math.abs(value - p50));
  const [mad = NaN] = atRanks(distances, [rank]);
  return { standardDeviation, mad };
}

/**
 * Where the deviation of counted values lies: with b the median's bin and k the first number of bins to both sides of it that hold more
 * than half of the values, the deviation is more than k − 1 and less than k + 1 bins wide, since no value of a bin is nearer to
 * the median than its bin's distance less one, or further than that and one more. `rank` is its place among the distances of
 * the wanted bins' values. Null where the median lies between two bins.
 */
export function findDeviation(
  { counts }: Bins,
  count: number,
): { wanted: Uint8Array; rank: number } | null {
  const rank = (count - 1) / 2;
  const center = binAt(counts, Math.floor(rank));
  if (binAt(counts, Math.ceil(rank)) !== center) return null;
  const ofDistance = (distance: number): number =>
    distance === 0
      ? (counts[center] ?? 0)
      : (counts[center - distance] ?? 0) + (counts[center + distance] ?? 0);
  let within = ofDistance(0);
  let distance = 0;
  while (within <= Math.floor(rank)) within += ofDistance(++distance);
  const first = Math.max(0, distance - 1);
  while (within <= Math.ceil(rank)) within += ofDistance(++distance);
  const last = distance + 1;
  let nearer = 0;
  for (let each = 0; each < first; each++) nearer += ofDistance(each);
  const wanted = new Uint8Array(counts.length);
  wanted.fill(1, Math.max(0, center - last), Math.max(0, center - first + 1));
  wanted.fill(1, center + first, center + last + 1);
  return { wanted, rank: rank - nearer };
}

/** The bin of the value at a place after sorting. */
function binAt(counts: Uint32Array, place: number): number {
  let bin = 0;
  for (let smaller = counts[0] ?? 0; smaller <= place; smaller += counts[bin] ?? 0) bin++;
  return bin;
}
