import type { Gap } from "../data/timing.ts";

/**
 * Mean in which each value weighs the seconds that it stands for: those since the sample before, as a rate holds for the
 * interval that ends at its sample. The first sample, and one behind a gap, weighs one interval:
 * nobody saw what was in the gap. Missing values (NaN) enter neither sum. NaN where nothing was measured.
 * `timestampsS` must be ascending without repetition. Formula: Σ wᵢ·xᵢ ÷ Σ wᵢ, R's `weighted.mean()`.
 */
export function timeWeightedMean(
  timestampsS: Float64Array,
  values: Float64Array,
  { intervalS, gaps }: { intervalS: number; gaps: readonly Gap[] },
): number {
  let weighted = 0;
  let totalS = 0;
  let previousS = NaN;
  let gap = 0;
  for (let row = 0; row < values.length; row++) {
    const timeS = timestampsS[row] ?? NaN;
    const value = values[row] ?? NaN;
    const distanceS = timeS - previousS;
    previousS = timeS;
    const isBehindGap = gaps[gap]?.toS === timeS;
    if (isBehindGap) gap++;
    if (value !== value) continue;
    const weightS = isBehindGap || distanceS !== distanceS ? intervalS : distanceS;
    weighted += weightS * value;
    totalS += weightS;
  }
  return totalS > 0 ? weighted / totalS : NaN;
}
