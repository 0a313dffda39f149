import { atRanks, percentiles } from "./percentiles.ts";

/** Times this, the deviation estimates the standard deviation of normally distributed values: the default of R's `mad()`. */
export const normalConsistency = 1.4826;

/**
 * Median of the distances from the median: a spread that nearly half of the values cannot spoil. Raw, as R's
 * `mad(constant = 1)`. Gaps (NaN) are ignored; NaN where nothing was measured.
 * Source: Hampel, "The Influence Curve and Its Role in Robust Estimation", JASA 69 (1974).
 */
export function medianAbsoluteDeviation(values: Float64Array): number {
  const [p25 = NaN, p50 = NaN, p75 = NaN] = percentiles(values, [0.25, 0.5, 0.75]);
  return deviationFrom(values, { p25, p50, p75 });
}

/**
 * The same where the quartiles are known already. Half of the values lie between them, so the deviation lies between the
 * distances of the quartiles from the median, and only values that far away have to be put in order.
 */
export function deviationFrom(
  values: Float64Array,
  { p25, p50, p75 }: { p25: number; p50: number; p75: number },
): number {
  const low = Math.min(p50 - p25, p75 - p50);
  const high = Math.max(p50 - p25, p75 - p50);
  let count = 0;
  let nearer = 0;
  let between = 0;
  for (const value of values) {
    const distance = Math.abs(value - p50);
    if (distance !== distance) continue;
    count++;
    if (distance < low) nearer++;
    else if (distance <= high) between++;
  }
  const rank = (count - 1) / 2;
  // Quartiles that were interpolated may lie a value off the one needed: then all values are put in order.
  const enough = Math.floor(rank) >= nearer && Math.ceil(rank) < nearer + between;
  const [from, to] = enough ? [low, high] : [0, Infinity];
  const distances = new Float64Array(enough ? between : count);
  let length = 0;
  for (const value of values) {
    const distance = Math.abs(value - p50);
    if (distance >= from && distance <= to) distances[length++] = distance;
  }
  const [deviation = NaN] = length === 0 ? [] : atRanks(distances, [enough ? rank - nearer : rank]);
  return deviation;
}
