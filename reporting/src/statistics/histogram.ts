import { percentiles } from "./percentiles.ts";
import { summarize } from "./summary.ts";

/** How many values fall between each edge and the next: [low, high), the last [low, high]. */
export interface Histogram {
  /** Ascending, equally far apart; one more than there are counts. Empty where nothing was measured. */
  edges: Float64Array;
  counts: Uint32Array;
}

export interface HistogramOptions {
  /** What edges are round multiples of: 1, or the size of the unit in which they will be shown. */
  unit?: number;
  mostBins?: number;
}

/**
 * Counts by the width 2·IQR ÷ n^⅓ (Freedman and Diaconis, "On the Histogram as a Density Estimator" (1981)), rounded up to
 * 1, 2 or 5 times a power of ten, with edges at its multiples. Where half of the values are alike, IQR is 0 and Scott's
 * 3.49·s ÷ n^⅓ serves. Long tails would make thousands of bins: `mostBins` makes them wider. Gaps (NaN) are ignored.
 */
export function histogram(
  values: Float64Array,
  { unit = 1, mostBins = 60 }: HistogramOptions = {},
): Histogram {
  const { count, min, max, standardDeviation } = summarize(values);
  if (count === 0) return { edges: new Float64Array(), counts: new Uint32Array() };
  const [p25 = NaN, p75 = NaN] = percentiles(values, [0.25, 0.75]);
  const spread = p75 > p25 ? 2 * (p75 - p25) : 3.49 * standardDeviation;
  // Equal values get one bin around them.
  const wanted =
    max > min ? Math.max(spread / Math.cbrt(count), (max - min) / mostBins) : Math.abs(max);
  const { edges, step } = niceEdges({ min, max, unit, mostBins }, wanted > 0 ? wanted : unit);
  const counts = new Uint32Array(edges.length - 1);
  for (const value of values) {
    if (value !== value) continue;
    const bin = binOf(edges, value, step);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges, counts };
}

function niceEdges(
  { min, max, unit, mostBins }: { min: number; max: number } & Required<HistogramOptions>,
  wanted: number,
): { edges: Float64Array; step: number } {
  // Edges closer than this could not be told apart.
  const least = 1e-12 * Math.max(Math.abs(min), Math.abs(max));
  let round = niceNumber(Math.max(wanted, least) / unit);
  for (;;) {
    const { mantissa, exponent } = round;
    const at = (index: number): number =>
      unit *
      (exponent < 0 ? (index * mantissa) / 10 ** -exponent : index * mantissa * 10 ** exponent);
    const step = at(1);
    const first = Math.floor(min / step);
    const last = Math.max(first + 1, Math.ceil(max / step));
    if (last - first <= mostBins) {
      const edges = Float64Array.from({ length: last - first + 1 }, (_, index) =>
        at(first + index),
      );
      return { edges, step };
    }
    round = niceNumber((1.01 * step) / unit);
  }
}

/** The smallest 1, 2 or 5 times a power of ten that is not below. */
function niceNumber(least: number): { mantissa: number; exponent: number } {
  const exponent = Math.floor(Math.log10(least));
  const rest = least / 10 ** exponent;
  for (const mantissa of [1, 2, 5])
    if (rest <= mantissa * (1 + 1e-9)) return { mantissa, exponent };
  return { mantissa: 1, exponent: exponent + 1 };
}

/** A division may round across an edge: the edges themselves decide. */
function binOf(edges: Float64Array, value: number, step: number): number {
  const last = edges.length - 2;
  let bin = Math.floor((value - (edges[0] ?? NaN)) / step);
  bin = Math.max(0, Math.min(last, bin));
  if (bin > 0 && value < (edges[bin] ?? NaN)) bin--;
  if (bin < last && value >= (edges[bin + 1] ?? NaN)) bin++;
  return bin;
}
