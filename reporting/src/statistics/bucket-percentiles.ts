// A chart's core band: what most of a bucket's samples were, where the smallest and the largest of very many say little.
import type { Buckets } from "./buckets.ts";
import { interpolate } from "./percentiles.ts";

/** The 5th and 95th percentile of each bucket; NaN where it has too few samples for them. */
export interface BucketPercentiles {
  p5: Float64Array;
  p95: Float64Array;
}

/** Percentiles of a bucket are of at most this many of its samples, evenly spread over it. */
export const samplesPerBucket = 100;
/** With fewer, the 5th percentile is next to nothing but the minimum. */
const fewest = 20;

/**
 * Percentiles by bucket (type 7, as everywhere): exact up to 100 samples a bucket, else of one sample drawn from each hundredth
 * of it, by a sequence that does not fall into step with what repeats. Costs the same for ten thousand samples as for ten million.
 * `timestampsS` is ascending. Null where most of the buckets hold too few samples.
 */
export function bucketPercentiles(
  { startS, bucketS, count }: Buckets,
  timestampsS: Float64Array,
  values: Float64Array,
): BucketPercentiles | null {
  const filled = count.reduce((sum, samples) => sum + (samples > 0 ? 1 : 0), 0);
  const full = count.reduce((sum, samples) => sum + (samples >= fewest ? 1 : 0), 0);
  if (full === 0 || full < filled / 2) return null;
  const length = count.length;
  const p5 = new Float64Array(length).fill(NaN);
  const p95 = new Float64Array(length).fill(NaN);
  const drawn = new Float64Array(samplesPerBucket);
  let from = 0;
  for (let bucket = 0; bucket < length; bucket++) {
    from = firstAtOrBehind(timestampsS, startS + bucket * bucketS, from);
    const to = firstAtOrBehind(timestampsS, startS + (bucket + 1) * bucketS, from);
    const size = draw(values, { from, to }, drawn);
    if (size < fewest) continue;
    p5[bucket] = fromEnd(drawn, size, 1);
    p95[bucket] = fromEnd(drawn, size, -1);
  }
  return { p5, p95 };
}

/** A 5th percentile of up to 100 values lies between two of the least six: keeping these in order costs a tenth of sorting all. */
const least = new Float64Array(6);

/** The 5th percentile of the first `size` values, or, with a sign of −1, the 95th: that is the 5th from the other end. */
function fromEnd(values: Float64Array, size: number, sign: 1 | -1): number {
  const rank = 0.05 * (size - 1);
  const wanted = Math.floor(rank) + 2;
  let kept = 0;
  for (let index = 0; index < size; index++) {
    const value = sign * (values[index] ?? NaN);
    if (kept === wanted && value >= (least[wanted - 1] ?? NaN)) continue;
    let place = kept < wanted ? kept++ : wanted - 1;
    while (place > 0 && (least[place - 1] ?? NaN) > value) {
      least[place] = least[place - 1] ?? NaN;
      place--;
    }
    least[place] = value;
  }
  return sign * interpolate(least, rank);
}

/** Index of the first sample at or behind a time, sought from `from` on in steps that double, then halve. */
function firstAtOrBehind(timestampsS: Float64Array, timeS: number, from: number): number {
  let low = from;
  let step = 1;
  while (low + step <= timestampsS.length && (timestampsS[low + step - 1] ?? NaN) < timeS) {
    low += step;
    step *= 2;
  }
  let high = Math.min(timestampsS.length, low + step - 1);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timestampsS[middle] ?? NaN) < timeS) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Fills `drawn` from the start and returns how many values it got; gaps are left out. */
function draw(
  values: Float64Array,
  { from, to }: { from: number; to: number },
  drawn: Float64Array,
): number {
  const most = drawn.length;
  const isWhole = to - from <= most;
  const wanted = isWhole ? to - from : most;
  let size = 0;
  for (let index = 0; index < wanted; index++) {
    // Multiples of the golden ratio spread evenly over 0–1 and repeat in no period.
    const shift = isWhole ? 0 : (index * goldenRatio) % 1;
    const row = isWhole ? from + index : from + Math.floor(((index + shift) * (to - from)) / most);
    const value = values[row] ?? NaN;
    if (value === value) drawn[size++] = value;
  }
  return size;
}

const goldenRatio = (Math.sqrt(5) - 1) / 2;
