/** Which share of the values is not above a value: a staircase through these points. Empty where nothing was measured. */
export interface EmpiricalDistribution {
  /** Ascending, each once. */
  values: Float64Array;
  /** Share (0–1) of the values ≤ this one; the last is 1. */
  shares: Float64Array;
}

/**
 * Empirical distribution function, F(x) = #{xᵢ ≤ x} ÷ n as R's `ecdf()`. Of more than `mostPoints` different values it keeps
 * so many of them, the smallest and the largest among them, at even steps of their share; each point that is kept is exact.
 * Gaps (NaN) are ignored. Copies and sorts the values (0.1 s a million).
 */
export function empiricalDistribution(
  values: Float64Array,
  { mostPoints = 500 }: { mostPoints?: number } = {},
): EmpiricalDistribution {
  const sorted = values.filter((value) => !Number.isNaN(value));
  sorted.sort();
  const n = sorted.length;
  const ends = distinctEnds(sorted);
  const kept = ends.length <= mostPoints ? ends : thinned(ends, { n, mostPoints });
  return {
    values: Float64Array.from(kept, (end) => sorted[end - 1] ?? NaN),
    shares: Float64Array.from(kept, (end) => end / n),
  };
}

/** For each different value, how many are not above it. */
function distinctEnds(sorted: Float64Array): Uint32Array {
  const ends = new Uint32Array(sorted.length);
  let count = 0;
  for (let index = 0; index < sorted.length; index++) {
    if (sorted[index] !== sorted[index + 1]) ends[count++] = index + 1;
  }
  return ends.subarray(0, count);
}

/** The first, and each that is the first to reach another step. */
function thinned(
  ends: Uint32Array,
  { n, mostPoints }: { n: number; mostPoints: number },
): Uint32Array {
  const stepOf = (end: number): number => Math.floor((end * (mostPoints - 1)) / n);
  return ends.filter((end, index) => index === 0 || stepOf(end) > stepOf(ends[index - 1] ?? 0));
}
