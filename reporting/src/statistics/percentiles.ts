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
export function atRanks(
  values: Float64Array,
  ranks: readonly number[],
  range: Range = rangeOf(values),
): number[] {
  if (values.length >= countFrom) {
    const bins = countIntoBins(values, range);
    if (bins !== null) {
      const { selected } = selectFromBins(values, bins, placesOf(ranks));
      return ranks.map((rank) => between(selected, rank));
    }
  }
  const places = placesOf(ranks);
  selectPlaces(values, places);
  return ranks.map((rank) => interpolate(values, rank));
}

/** From so many values on, counting them into bins and sorting a few bins costs half of quickselect. */
export const countFrom = 20_000;
const binCount = 1 << 14;
/** Above every number of a bin's group. */
const wantedFlag = 1 << 15;

/** How many values lie in each of many equal stretches between the smallest and the largest. */
export interface Bins {
  min: number;
  /** Bins per unit: a value lies in the bin (value − min) · scale, rounded down. */
  scale: number;
  counts: Uint32Array;
  /** Sum of the squared distances from the center. */
  squares: number;
}

/**
 * Gaps (NaN) are passed over; null where the values span nothing, or more than numbers do. The squared distances from `center` are
 * summed up on the way.
 */
export function countIntoBins(
  values: Float64Array,
  { min, max }: Range,
  center = min,
): Bins | null {
  const scale = (binCount - 1) / (max - min);
  if (!(scale > 0 && scale < Infinity)) return null;
  const counts = new Uint32Array(binCount);
  let squares = 0;
  for (let index = 0; index < values.length; index++) {
    const value = at(values, index);
    if (value !== value) continue;
    const bin = ((value - min) * scale) | 0;
    counts[bin] = (counts[bin] ?? 0) + 1;
    squares += (value - center) * (value - center);
  }
  return { min, scale, counts, squares };
}

/**
 * The values that would stand at `places` (ascending) after sorting, and, unsorted, all values of the bins that `wanted` (a byte a
 * bin) marks.
 */
export function selectFromBins(
  values: Float64Array,
  bins: Bins,
  places: Float64Array,
  wanted: Uint8Array = new Uint8Array(binCount),
): { selected: Map<number, number>; found: Float64Array } {
  const groups = groupPlaces(bins.counts, places);
  const { hits, found } = gather(values, bins, groups, wanted);
  const selected = new Map<number, number>();
  for (const { places: own, smaller, from, size } of groups) {
    const group = hits.subarray(from, from + size);
    const ownPlaces = own.map((place) => place - smaller);
    selectPlaces(group, ownPlaces);
    for (const [index, place] of own.entries()) {
      selected.set(place, at(group, ownPlaces[index] ?? NaN));
    }
  }
  return { selected, found };
}

/** Smallest and largest of the values. */
export interface Range {
  min: number;
  max: number;
}

function rangeOf(values: Float64Array): Range {
  let min = Infinity;
  let max = -Infinity;
  for (let index = 0; index < values.length; index++) {
    const value = at(values, index);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

/** A bin that holds wanted places. */
interface BinGroup {
  bin: number;
  places: Float64Array;
  /** Values in the bins below. */
  smaller: number;
  /** Where its values come among those of all groups. */
  from: number;
  size: number;
}

function groupPlaces(counts: Uint32Array, places: Float64Array): BinGroup[] {
  const groups: BinGroup[] = [];
  let smaller = 0;
  let from = 0;
  let next = 0;
  for (let bin = 0; bin < binCount && next < places.length; bin++) {
    const size = counts[bin] ?? 0;
    const first = next;
    while (next < places.length && at(places, next) < smaller + size) next++;
    if (next > first) {
      groups.push({ bin, places: places.slice(first, next), smaller, from, size });
      from += size;
    }
    smaller += size;
  }
  return groups;
}

/** The values of the groups' bins, group by group, and those of the wanted ones. */
function gather(
  values: Float64Array,
  { min, scale, counts }: Bins,
  groups: readonly BinGroup[],
  wanted: Uint8Array,
): { hits: Float64Array; found: Float64Array } {
  const last = groups.at(-1);
  const hits = new Float64Array(last === undefined ? 0 : last.from + last.size);
  /** By bin: its group's number from 1, or 0; and whether it is wanted, since one look costs less than two. */
  const uses = new Uint16Array(binCount);
  const ends = new Uint32Array(groups.length + 1);
  for (const [index, { bin, from }] of groups.entries()) {
    uses[bin] = index + 1;
    ends[index + 1] = from;
  }
  let foundCount = 0;
  for (let bin = 0; bin < binCount; bin++) {
    if (wanted[bin] !== 1) continue;
    uses[bin] = (uses[bin] ?? 0) | wantedFlag;
    foundCount += counts[bin] ?? 0;
  }
  const found = new Float64Array(foundCount);
  let foundEnd = 0;
  for (let index = 0; index < values.length; index++) {
    const value = at(values, index);
    if (value !== value) continue;
    const bin = ((value - min) * scale) | 0;
    const use = uses[bin] ?? 0;
    if (use === 0) continue;
    if (use >= wantedFlag) found[foundEnd++] = value;
    const group = use & ~wantedFlag;
    if (group === 0) continue;
    const end = ends[group] ?? 0;
    hits[end] = value;
    ends[group] = end + 1;
  }
  return { hits, found };
}

export function between(selected: ReadonlyMap<number, number>, rank: number): number {
  const below = selected.get(Math.floor(rank)) ?? NaN;
  const above = selected.get(Math.ceil(rank)) ?? NaN;
  return below + (above - below) * (rank - Math.floor(rank));
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

/** Each rank's place and the one behind it, ascending. */
export function placesOf(ranks: readonly number[]): Float64Array {
  const places = new Set<number>();
  for (const rank of ranks) {
    places.add(Math.floor(rank));
    places.add(Math.ceil(rank));
  }
  return Float64Array.from(places).toSorted();
}

/** Moves to `places` (ascending) the values that would stand there after sorting. */
function selectPlaces(values: Float64Array, wanted: Float64Array): void {
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
