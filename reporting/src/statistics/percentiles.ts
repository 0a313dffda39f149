// Definition 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996):
// the default of R's quantile() and of NumPy's percentile().

/** Below this many values sorting a range costs less than dividing it further. */
const sortBelow = 256;

/**
 * Exact percentiles of the raw values, one for each probability (0–1, any order). Gaps (NaN) are ignored.
 * Every result is NaN where nothing but gaps is given. `values` is left as it is.
 * Throws a RangeError for a probability outside 0–1.
 */
export function percentiles(values: Float64Array, probabilities: readonly number[]): number[] {
  for (const probability of probabilities) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new RangeError(
        `Cannot compute a percentile: the probability is ${probability}, not 0–1`,
      );
    }
  }
  const measured = withoutGaps(values);
  if (measured.length === 0) return probabilities.map(() => NaN);
  return atRanks(
    measured,
    probabilities.map((probability) => (measured.length - 1) * probability),
  );
}

/**
 * What would stand at each rank (from 0, any order) after sorting; between two ranks, in proportion between their values.
 * `values` must hold no gaps, and is left in another order.
 */
export function atRanks(values: Float64Array, ranks: readonly number[]): number[] {
  placeRanks(values, ranks);
  return ranks.map((rank) => interpolate(values, rank));
}

/** A copy. */
export function withoutGaps(values: Float64Array): Float64Array {
  const measured = new Float64Array(values.length);
  let length = 0;
  // By index: half the time of an iterator, which counts at a million values.
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? NaN;
    if (value === value) measured[length++] = value;
  }
  return measured.subarray(0, length);
}

/** Moves to each rank's place, and to the one behind it, the values that would stand there after sorting. */
function placeRanks(values: Float64Array, ranks: readonly number[]): void {
  const places = new Set<number>();
  for (const rank of ranks) {
    places.add(Math.floor(rank));
    places.add(Math.ceil(rank));
  }
  const wanted = Float64Array.from(places).toSorted();
  // Twice the depth of even halving: only an input built to defeat the choice of pivots goes deeper.
  const depth = 2 * Math.ceil(Math.log2(values.length + 1));
  select(values, { low: 0, high: values.length - 1, depth }, wanted);
}

/** Quickselect for many ranks at once: ranges that hold no wanted rank stay unsorted. */
function select(
  values: Float64Array,
  { low, high, depth }: { low: number; high: number; depth: number },
  wanted: Float64Array,
): void {
  if (wanted.length === 0 || high <= low) return;
  if (high - low < sortBelow || depth === 0) {
    values.subarray(low, high + 1).sort();
    return;
  }
  const [leftHigh, rightLow] = partition(values, low, high);
  let leftCount = 0;
  let rightFrom = wanted.length;
  for (let index = 0; index < wanted.length; index++) {
    const rank = at(wanted, index);
    if (rank <= leftHigh) leftCount = index + 1;
    if (rank >= rightLow && rightFrom === wanted.length) rightFrom = index;
  }
  select(values, { low, high: leftHigh, depth: depth - 1 }, wanted.subarray(0, leftCount));
  select(values, { low: rightLow, high, depth: depth - 1 }, wanted.subarray(rightFrom));
}

/** Hoare's partition; everything up to the first result is ≤ the pivot, everything from the second on is ≥ it. */
function partition(values: Float64Array, low: number, high: number): [number, number] {
  const pivot = medianOf(at(values, low), at(values, (low + high) >>> 1), at(values, high));
  let left = low;
  let right = high;
  while (left <= right) {
    while (at(values, left) < pivot) left++;
    while (at(values, right) > pivot) right--;
    if (left <= right) {
      const swapped = at(values, left);
      values[left++] = at(values, right);
      values[right--] = swapped;
    }
  }
  return [right, left];
}

function medianOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** The value at a rank (0 to length − 1) of values that stand at their places there. */
export function interpolate(values: Float64Array, rank: number): number {
  const below = at(values, Math.floor(rank));
  const above = at(values, Math.ceil(rank));
  return below + (above - below) * (rank - Math.floor(rank));
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? NaN;
}
