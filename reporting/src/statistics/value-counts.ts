/**
 * How many values fall into each of `bins` equal parts of low … high: [from, to), the last with `high` itself. Values beyond
 * are counted apart, gaps (NaN) not at all. One pass, nothing sorted.
 */
export function countValues(
  values: Float64Array,
  { low, high, bins }: { low: number; high: number; bins: number },
): { counts: Uint32Array; below: number; above: number } {
  const counts = new Uint32Array(bins);
  const scale = bins / (high - low);
  let below = 0;
  let above = 0;
  for (const value of values) {
    if (value < low) below++;
    else if (value > high) above++;
    else if (value === value) {
      const bin = Math.min(bins - 1, Math.floor((value - low) * scale));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  return { counts, below, above };
}
