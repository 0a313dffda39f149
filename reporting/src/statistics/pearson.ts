/**
 * Correlation coefficient of the pairs that are both measured: −1 to 1; NaN below two pairs, or where one side does not vary.
 * Both sides have the same length. Formula: Σ(aᵢ − ā)(bᵢ − b̄) ÷ √(Σ(aᵢ − ā)²·Σ(bᵢ − b̄)²), R's `cor(use = "pairwise.complete.obs")`.
 */
export function pearson(a: Float64Array, b: Float64Array): number {
  if (a.length !== b.length) {
    throw new RangeError(`Cannot correlate: ${a.length} values with ${b.length}`);
  }
  let pairs = 0;
  let sumA = 0;
  let sumB = 0;
  for (let index = 0; index < a.length; index++) {
    const x = a[index] ?? NaN;
    const y = b[index] ?? NaN;
    if (x !== x || y !== y) continue;
    pairs++;
    sumA += x;
    sumB += y;
  }
  const meanA = sumA / pairs;
  const meanB = sumB / pairs;
  let squaresA = 0;
  let squaresB = 0;
  let products = 0;
  let variesA = false;
  let variesB = false;
  let [firstA, firstB] = [NaN, NaN];
  for (let index = 0; index < a.length; index++) {
    const x = a[index] ?? NaN;
    const y = b[index] ?? NaN;
    if (x !== x || y !== y) continue;
    if (firstA !== firstA) [firstA, firstB] = [x, y];
    variesA ||= x !== firstA;
    variesB ||= y !== firstB;
    squaresA += (x - meanA) ** 2;
    squaresB += (y - meanB) ** 2;
    products += (x - meanA) * (y - meanB);
  }
  // Asked of the values themselves: a mean off by a rounding makes a constant look like noise.
  if (!variesA || !variesB) return NaN;
  const ratio = products / (Math.sqrt(squaresA) * Math.sqrt(squaresB));
  return Math.max(-1, Math.min(1, ratio));
}
