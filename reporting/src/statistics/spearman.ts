import { pearson } from "./pearson.ts";

/**
 * Correlation of the ranks of the pairs that are both measured; equal values share the mean of their ranks. It finds any
 * relation that only rises, or only falls, and one outlier does not make it. −1 to 1; NaN as in `pearson()`.
 * Sorts both sides: meant for the means of buckets. R's `cor(method = "spearman", use = "pairwise.complete.obs")`.
 */
export function spearman(a: Float64Array, b: Float64Array): number {
  if (a.length !== b.length) {
    throw new RangeError(`Cannot correlate: ${a.length} values with ${b.length}`);
  }
  const complete = (value: number, index: number): boolean =>
    !Number.isNaN(value) && !Number.isNaN((a[index] ?? NaN) + (b[index] ?? NaN));
  return pearson(ranksOf(a.filter(complete)), ranksOf(b.filter(complete)));
}

/** From 1; of values without gaps. */
function ranksOf(values: Float64Array): Float64Array {
  const sorted = values.toSorted();
  return values.map((value) => {
    const below = countBelow(sorted, (other) => other < value);
    const upTo = countBelow(sorted, (other) => other <= value);
    return (below + 1 + upTo) / 2;
  });
}

/** How many values at the beginning of `sorted` the test holds for. */
function countBelow(sorted: Float64Array, test: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(sorted[middle] ?? NaN)) low = middle + 1;
    else high = middle;
  }
  return low;
}
