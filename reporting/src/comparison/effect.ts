// Cliff, "Dominance statistics: ordinal analyses to answer ordinal questions", Psychological Bulletin 114 (1993); the words for its sizes are
// those of Romano et al., "Appropriate statistics for ordinal level data" (2006).

/** Beyond so many values of a series, evenly taken ones stand for it: the size of an effect does not need more. */
const mostValues = 10_000;

export type EffectSize = "negligible" | "small" | "medium" | "large";

/**
 * Cliff's delta, −1 to 1: how much more often a value of `after` exceeds one of `before` than the other way round. It asks neither for a
 * normal distribution nor for equal spread. Gaps (NaN) are ignored; NaN where either has nothing else.
 */
export function cliffsDelta(before: Float64Array, after: Float64Array): number {
  const lower = evenlyTaken(before).toSorted();
  const upper = evenlyTaken(after).toSorted();
  // For each value of `after`: how many of `before` lie below it, and how many not above.
  let below = 0;
  let notAbove = 0;
  let sum = 0;
  for (const value of upper) {
    while (below < lower.length && (lower[below] ?? NaN) < value) below++;
    while (notAbove < lower.length && (lower[notAbove] ?? NaN) <= value) notAbove++;
    sum += below - (lower.length - notAbove);
  }
  return sum / (lower.length * upper.length);
}

export function sizeOf(delta: number): EffectSize {
  const size = Math.abs(delta);
  if (size >= 0.474) return "large";
  if (size >= 0.33) return "medium";
  return size >= 0.147 ? "small" : "negligible";
}

function evenlyTaken(values: Float64Array): Float64Array {
  const measured = values.filter((value) => value === value);
  if (measured.length <= mostValues) return measured;
  const step = measured.length / mostValues;
  return Float64Array.from(
    { length: mostValues },
    (_, at) => measured[Math.floor(at * step)] ?? NaN,
  );
}
