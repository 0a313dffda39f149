/**
 * How much a series resembles itself `lag` samples later: one coefficient for each lag from 0 (always 1) to `maxLag`. Gaps (NaN)
 * are passed over pair by pair; the samples must be equally far apart. All NaN where the series does not vary.
 * Formula: with m the mean of all values and N the pairs of which both are measured, cₖ = Σ(xᵢ − m)(xᵢ₊ₖ − m) ÷ (N + k), and
 * rₖ = cₖ ÷ c₀: R's `acf(na.action = na.pass)`. Throws a RangeError where `maxLag` is no whole number ≥ 0.
 */
export function autocorrelation(values: Float64Array, maxLag: number): Float64Array {
  if (!Number.isInteger(maxLag) || maxLag < 0) {
    throw new RangeError(`Cannot correlate a series with itself: the largest lag is ${maxLag}`);
  }
  const centred = withoutMean(values);
  const coefficients = new Float64Array(maxLag + 1).fill(NaN);
  if (centred === null) return coefficients;
  const variance = covariance(centred, 0);
  return coefficients.map((_, lag) =>
    Math.max(-1, Math.min(1, covariance(centred, lag) / variance)),
  );
}

function covariance(centred: Float64Array, lag: number): number {
  let sum = 0;
  let pairs = 0;
  for (let row = lag; row < centred.length; row++) {
    const product = (centred[row] ?? NaN) * (centred[row - lag] ?? NaN);
    if (product !== product) continue;
    sum += product;
    pairs++;
  }
  return pairs === 0 ? NaN : sum / (pairs + lag);
}

/** Null where no two values differ. */
function withoutMean(values: Float64Array): Float64Array | null {
  let count = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (value !== value) continue;
    count++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (!(min < max)) return null;
  const mean = sum / count;
  return values.map((value) => value - mean);
}
