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
  for (let row = from; row < to; row++) {
    const value = values[row] ?? NaN;
    if (value !== value) continue;
    const bucket = Math.floor(((timestampsS[row] ?? NaN) - startS) / bucketS);
    if (!(bucket >= 0 && bucket < length)) continue;
    count[bucket] = (count[bucket] ?? 0) + 1;
    sum[bucket] = (sum[bucket] ?? 0) + value;
    // Also true while the bucket still holds NaN.
    if (!((min[bucket] ?? NaN) <= value)) min[bucket] = value;
    if (!((max[bucket] ?? NaN) >= value)) max[bucket] = value;
  }
}

/** Mean of each bucket's measured values; NaN where it has none. */
export function bucketMeans({ count, sum }: Buckets): Float64Array {
  return sum.map((total, bucket) => total / (count[bucket] || NaN));
}
