// Which rows lie in which of many equal spans of time: found once, since all columns have the same times.
import { createBuckets, type Buckets } from "./buckets.ts";

export interface RowGrid {
  /** Unix seconds. */
  startS: number;
  bucketS: number;
  /** First row of each bucket, and behind the last one's last. */
  starts: Uint32Array;
}

/** `timestampsS` is ascending; rows outside of the span are in no bucket. */
export function createRowGrid(
  timestampsS: Float64Array,
  { startS, bucketS, length }: { startS: number; bucketS: number; length: number },
): RowGrid {
  const starts = new Uint32Array(length + 1);
  let row = 0;
  for (let bucket = 0; bucket <= length; bucket++) {
    const fromS = startS + bucket * bucketS;
    while (row < timestampsS.length && (timestampsS[row] ?? NaN) < fromS) row++;
    starts[bucket] = row;
  }
  return { startS, bucketS, starts };
}

/** A column by the grid's buckets. Gaps (NaN) are passed over. */
export function toBuckets({ startS, bucketS, starts }: RowGrid, values: Float64Array): Buckets {
  const length = starts.length - 1;
  const buckets = createBuckets(startS, bucketS, length);
  for (let bucket = 0; bucket < length; bucket++) {
    const end = starts[bucket + 1] ?? 0;
    let count = 0;
    let sum = 0;
    let min = Infinity;
    let max = -Infinity;
    for (let row = starts[bucket] ?? 0; row < end; row++) {
      const value = values[row] ?? NaN;
      if (value !== value) continue;
      count++;
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    if (count === 0) continue;
    buckets.count[bucket] = count;
    buckets.sum[bucket] = sum;
    buckets.min[bucket] = min;
    buckets.max[bucket] = max;
  }
  return buckets;
}
