// Downsampling for charts: what a pixel must know of the samples that fall on it.

/** Consecutive spans of time of equal length. Bucket i holds samples of [startS + i·bucketS, startS + (i+1)·bucketS). */
export interface Buckets {
  /** Unix seconds. */
  startS: number;
  bucketS: number;
  /** Measured values in each bucket; where it is 0, `min` and `max` are NaN and `sum` is 0. */
  count: Uint32Array;
  min: Float64Array;
  max: Float64Array;
  sum: Float64Array;
}

/** Throws a RangeError unless `bucketS` is positive and `length` a whole number ≥ 0. */
export function createBuckets(startS: number, bucketS: number, length: number): Buckets {
  if (!(bucketS > 0) || !Number.isInteger(length) || length < 0) {
    throw new RangeError(`Cannot make buckets: ${length} of ${bucketS} s from ${startS}`);
  }
  return {
    startS,
    bucketS,
    count: new Uint32Array(length),
    min: new Float64Array(length).fill(NaN),
    max: new Float64Array(length).fill(NaN),
    sum: new Float64Array(length),
  };
}

/**
 * Adds samples `from` (inclusive) to `to` (exclusive), in any order. Gaps (NaN) and samples outside of the buckets' span
 * are passed over. Equal pieces of a series may be added one after the other.
 */
export function addToBuckets(
  buckets: Buckets,
  timestampsS: Float64Array,
  values: Float64Array,
  from = 0,
  to = timestampsS.length,
): void {
  const { startS, bucketS, count, min, max, sum } = buckets;
  const length = count.length;
  // Samples mostly fall into the bucket of the one before, which is therefore kept at hand: a fifth of the time.
  let bucket = -1;
  let lowS = Infinity;
  let highS = -Infinity;
  let samples = 0;
  let least = NaN;
  let most = NaN;
  let total = 0;
  for (let row = from; row < to; row++) {
    const value = values[row] ?? NaN;
    if (value !== value) continue;
    const timeS = timestampsS[row] ?? NaN;
    if (!(timeS >= lowS && timeS < highS)) {
      if (bucket >= 0) {
        count[bucket] = samples;
        min[bucket] = least;
        max[bucket] = most;
        sum[bucket] = total;
      }
      bucket = Math.floor((timeS - startS) / bucketS);
      if (!(bucket >= 0 && bucket < length)) {
        bucket = -1;
        highS = -Infinity;
        continue;
      }
      lowS = startS + bucket * bucketS;
      highS = lowS + bucketS;
      samples = count[bucket] ?? 0;
      least = min[bucket] ?? NaN;
      most = max[bucket] ?? NaN;
      total = sum[bucket] ?? 0;
    }
    samples++;
    total += value;
    // Also true while the bucket still holds NaN.
    if (!(least <= value)) least = value;
    if (!(most >= value)) most = value;
  }
  if (bucket < 0) return;
  count[bucket] = samples;
  min[bucket] = least;
  max[bucket] = most;
  sum[bucket] = total;
}

/** Longer buckets, from `startS` on, of which each is made up of whole ones of `fine`; none of these may lie outside of them. */
export function joinBuckets(
  fine: Buckets,
  { startS, bucketS, length }: { startS: number; bucketS: number; length: number },
): Buckets {
  const joined = createBuckets(startS, bucketS, length);
  const { count, min, max, sum } = joined;
  for (let index = 0; index < fine.count.length; index++) {
    const samples = fine.count[index] ?? 0;
    if (samples === 0) continue;
    const bucket = Math.floor((fine.startS + index * fine.bucketS - startS) / bucketS);
    const least = fine.min[index] ?? NaN;
    const most = fine.max[index] ?? NaN;
    count[bucket] = (count[bucket] ?? 0) + samples;
    sum[bucket] = (sum[bucket] ?? 0) + (fine.sum[index] ?? NaN);
    // Also true while the bucket still holds NaN.
    if (!((min[bucket] ?? NaN) <= least)) min[bucket] = least;
    if (!((max[bucket] ?? NaN) >= most)) max[bucket] = most;
  }
  return joined;
}

/** Mean of each bucket's measured values; NaN where it has none. */
export function bucketMeans({ count, sum }: Buckets): Float64Array {
  const means = new Float64Array(sum.length);
  for (let bucket = 0; bucket < sum.length; bucket++) {
    means[bucket] = (sum[bucket] ?? NaN) / (count[bucket] || NaN);
  }
  return means;
}

/** Of a whole series. Where `count` is 0, `min` is Infinity and `max` −Infinity. */
export interface Total {
  count: number;
  sum: number;
  min: number;
  max: number;
}

/** Of all buckets together. */
export function totalOf({ count, sum, min, max }: Buckets): Total {
  const total: Total = { count: 0, sum: 0, min: Infinity, max: -Infinity };
  for (let bucket = 0; bucket < count.length; bucket++) {
    total.count += count[bucket] ?? 0;
    total.sum += sum[bucket] ?? 0;
    // Empty buckets have NaN, which is neither.
    if ((min[bucket] ?? NaN) < total.min) total.min = min[bucket] ?? NaN;
    if ((max[bucket] ?? NaN) > total.max) total.max = max[bucket] ?? NaN;
  }
  return total;
}
