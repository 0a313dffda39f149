// Killick, Fearnhead and Eckley, "Optimal Detection of Changepoints With a Linear Computational Cost", JASA 107 (2012): PELT.
import { medianAbsoluteDeviation, normalConsistency } from "./median-absolute-deviation.ts";
import { spearman } from "./spearman.ts";

/** From here on the level is another one. */
export interface ChangePoint {
  /** Of the first value behind the change. */
  index: number;
  /** Means of the stretches before and behind it. */
  before: number;
  after: number;
}

/** A step smaller than so many standard deviations of the noisier stretch is none. */
const leastStep = 1;
const mostResemblance = 0.95;
/** More values than this are not worth their time: pass the means of longer buckets. */
const mostValues = 5000;

/**
 * Where the mean of a series changes for good: the segmentation of least Σ(x − segment's mean)² + penalty × changes, found
 * exactly, without the changes that are small against the noise beside them. Gaps (NaN) are left out.
 *
 * The penalty is 3·ln n·v: a BIC of three parameters a change, with v the variance that means of long stretches would show if
 * nothing changed. It comes from the differences d of neighbours, since a change is in but one of them: with
 * s = 1.4826·MAD(d) ÷ √2 and ρ = 1 + 2·(Spearman's correlation of each d with the one before), both of an AR(1) process,
 * v = s²·(1 + ρ) ÷ (1 − ρ)²; ρ is taken as 0–0.95. So a series that wanders slowly is no series of changes.
 *
 * A level lasts for `minimumLength` values at least. Throws a RangeError for more than 5,000 values: the time grows with their square
 * where nothing changes.
 */
export function findChangePoints(
  values: Float64Array,
  { minimumLength = 5 }: { minimumLength?: number } = {},
): ChangePoint[] {
  if (values.length > mostValues) {
    throw new RangeError(
      `Cannot find change points in ${values.length} values: at most ${mostValues}`,
    );
  }
  const places = Array.from(values.keys()).filter((index) => !Number.isNaN(values[index]));
  const measured = Float64Array.from(places, (index) => values[index] ?? NaN);
  const sums = createSums(measured);
  const penalty = penaltyOf(measured, sums);
  if (!(penalty > 0)) return [];
  const starts = segment(sums, { n: measured.length, penalty, minimumLength });
  const clear = withoutSmallSteps(sums, [...starts, measured.length]);
  return clear.slice(1, -1).map((start, index) => ({
    index: places[start] ?? NaN,
    before: meanOf(measured.subarray(clear[index], start)),
    after: meanOf(measured.subarray(start, clear[index + 2])),
  }));
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the values `from` (inclusive) to `to` (exclusive). */
interface Sums {
  mean(from: number, to: number): number;
  /** Σ(x − mean)². */
  squares(from: number, to: number): number;
}

/** Values are taken as distances from their mean, so that squares of large ones do not swallow the small differences. */
function createSums(values: Float64Array): Sums {
  const centre = meanOf(values);
  const sums = new Float64Array(values.length + 1);
  const squares = new Float64Array(values.length + 1);
  for (const [index, value] of values.entries()) {
    sums[index + 1] = (sums[index] ?? 0) + (value - centre);
    squares[index + 1] = (squares[index] ?? 0) + (value - centre) ** 2;
  }
  const sum = (from: number, to: number): number => (sums[to] ?? NaN) - (sums[from] ?? NaN);
  return {
    mean: (from, to) => centre + sum(from, to) / (to - from),
    squares: (from, to) =>
      Math.max(0, (squares[to] ?? NaN) - (squares[from] ?? NaN) - sum(from, to) ** 2 / (to - from)),
  };
}

/** NaN or 0 where the values do not vary. */
function penaltyOf(values: Float64Array, sums: Sums): number {
  const n = values.length;
  if (n < 3) return NaN;
  const differences = values.subarray(1).map((value, index) => value - (values[index] ?? NaN));
  const noise = (normalConsistency * medianAbsoluteDeviation(differences)) / Math.SQRT2;
  const opposed = spearman(differences.subarray(1), differences.subarray(0, -1));
  const resemblance = Math.max(0, Math.min(mostResemblance, 1 + 2 * (opposed || -0.5)));
  const longRunVariance = (noise ** 2 * (1 + resemblance)) / (1 - resemblance) ** 2;
  // Most differences of a staircase are 0: it has no noise, but a change must still be more than a rounding.
  const least = (1e-4 * sums.squares(0, n)) / n;
  return 3 * Math.log(n) * Math.max(longRunVariance, least);
}

/** First values of the segments of the best segmentation, 0 among them. */
function segment(
  sums: Sums,
  { n, penalty, minimumLength }: { n: number; penalty: number; minimumLength: number },
): number[] {
  const costs = new Float64Array(n + 1).fill(Infinity);
  const previous = new Int32Array(n + 1);
  /** By start: no end behind this one is reached best from there. */
  const lasts = new Float64Array(n + 1).fill(Infinity);
  costs[0] = -penalty;
  let candidates: number[] = [0];
  for (let end = minimumLength; end <= n; end++) {
    let best = Infinity;
    const reached = new Float64Array(candidates.length);
    for (const [at, start] of candidates.entries()) {
      const cost = (costs[start] ?? NaN) + sums.squares(start, end);
      reached[at] = cost;
      if (cost + penalty < best) {
        best = cost + penalty;
        previous[end] = start;
      }
    }
    costs[end] = best;
    // A start that is worse now even without a penalty stays worse: the reason for the name, pruned exact linear time. But not before
    // a change may be here, which takes a whole level behind it.
    candidates = candidates.filter((start, at) => {
      if (!((reached[at] ?? NaN) <= best))
        lasts[start] = Math.min(lasts[start] ?? NaN, end + minimumLength - 1);
      return end < (lasts[start] ?? NaN);
    });
    const next = end - minimumLength + 1;
    if (next >= minimumLength) candidates.push(next);
  }
  const starts: number[] = [];
  for (let end = n; end > 0; end = previous[end] ?? 0) starts.unshift(previous[end] ?? 0);
  return starts;
}

/** Removes, the smallest first, the bounds of steps below `leastStep`. */
function withoutSmallSteps(sums: Sums, bounds: readonly number[]): number[] {
  const deviation = (from: number, to: number): number =>
    Math.sqrt(sums.squares(from, to) / (to - from));
  let kept = [...bounds];
  for (;;) {
    let [smallest, step] = [-1, leastStep];
    for (let at = 1; at < kept.length - 1; at++) {
      const [from = 0, middle = 0, to = 0] = kept.slice(at - 1, at + 2);
      const size = Math.abs(sums.mean(middle, to) - sums.mean(from, middle));
      const own = size / Math.max(deviation(from, middle), deviation(middle, to));
      if (own < step) [smallest, step] = [at, own];
    }
    if (smallest < 0) return kept;
    kept = kept.toSpliced(smallest, 1);
  }
}
