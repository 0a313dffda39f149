import type { Histogram } from "./histogram.ts";

/** Which share of the values lies below a value, at each edge of a histogram; at the last edge, which share is not above it. */
export interface EmpiricalDistribution {
  /** Ascending. */
  values: Float64Array;
  /** Shares (0–1) of all values, also of those beyond the edges; NaN where nothing was measured. */
  shares: Float64Array;
}

/**
 * The empirical distribution function, F(x) = #{xᵢ ≤ x} ÷ n as R's `ecdf()`, from the left at the histogram's edges: exact at each, however
 * many values there are, and as fine as its bins.
 */
export function empiricalDistribution({
  edges,
  counts,
  below,
  above,
}: Histogram): EmpiricalDistribution {
  const total = counts.reduce((sum, count) => sum + count, below + above);
  const shares = new Float64Array(edges.length);
  let sum = below;
  for (const index of shares.keys()) {
    if (index > 0) sum += counts[index - 1] ?? 0;
    shares[index] = sum / total;
  }
  return { values: edges, shares };
}
