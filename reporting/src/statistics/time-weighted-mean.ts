/**
 * Mean in which each value weighs the seconds that it stands for: those since the sample before, as a rate holds for the
 * interval that ends at its sample. The first sample, and one behind a gap (more than 1.5 intervals), weighs one interval:
 * nobody saw what was in the gap. Missing values (NaN) enter neither sum. NaN where nothing was measured.
 * `timestampsS` must be ascending without repetition. Formula: Σ wᵢ·xᵢ ÷ Σ wᵢ, R's `weighted.mean()`.
 */
export function timeWeightedMean(
  timestampsS: Float64Array,
  values: Float64Array,
  intervalS: number,
): number {
  let weighted = 0;
  let totalS = 0;
  let previousS = NaN;
  for (let row = 0; row < values.length; row++) {
    const timeS = timestampsS[row] ?? NaN;
    const value = values[row] ?? NaN;
    const distanceS = timeS - previousS;
    previousS = timeS;
    if (value !== value) continue;
    // Also false for the first sample's NaN.
    const weightS = distanceS <= 1.5 * intervalS ? distanceS : intervalS;
    weighted += weightS * value;
    totalS += weightS;
  }
  return totalS > 0 ? weighted / totalS : NaN;
}
