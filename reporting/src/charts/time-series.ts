import type { Unit } from "@perfanalysis/contract/metrics";
import { bucketMeans, type Buckets } from "../statistics/buckets.ts";
import type { BucketPercentiles } from "../statistics/bucket-percentiles.ts";
import { frame, type Chart, type ChartText, type Mark, type Threshold } from "./frame.ts";
import type { Color } from "./palette.ts";
import { areaPath, linePath, type Range } from "./path.ts";
import { percentAxis, valueAxis, type ValueAxis } from "./value-axis.ts";
import { timeXAxis } from "./x-axis.ts";

export interface Series {
  label: string;
  color: Color;
  /** All series of a chart have the same span. */
  buckets: Buckets;
  /** Where buckets hold very many samples, their band from smallest to largest says little: this is drawn within it. */
  core?: BucketPercentiles | null;
}

export interface TimeSeriesOptions extends ChartText {
  unit: Unit;
  /** At least one. The first has bands; of the others only the mean is drawn. */
  series: readonly [Series, ...Series[]];
  thresholds?: readonly Threshold[];
  /** Show 0–100 whatever the values: for shares of a whole. */
  wholePercent?: boolean;
  /** Draw no band: for quantities that are smooth by their nature, such as load averages. */
  bandless?: boolean;
}

/** Lines of means over time, the first with a band from its minimum to its maximum and, within it, one of its core. */
export function timeSeriesChart(options: TimeSeriesOptions): Chart {
  const { unit, series, thresholds = [], wholePercent = false, bandless = false } = options;
  const [first] = series;
  const span = { ...first.buckets, length: first.buckets.count.length };
  const means = series.map(({ buckets }) => bucketMeans(buckets));
  const axis = wholePercent
    ? percentAxis()
    : axisFor(unit, [...(bandless ? [] : [first.buckets.max]), ...means], thresholds);
  const lines = series.map(({ label, color }, index): Mark => {
    const path = linePath(means[index] ?? new Float64Array(), axis.range);
    return { label, color, shape: "line", path };
  });
  const bands = bandless ? [] : bandMarks(first, axis.range);
  // Thin lines last: a band would hide them.
  const marks = [...bands, ...lines.toReversed()];
  const isAlone = series.length === 1;
  return {
    svg: frame(options, { x: timeXAxis(span), axis, marks, thresholds }),
    legend: [
      ...lines.map(({ label, color, shape }) => ({
        label: bands.length === 0 || !isAlone ? label : `${label}, mean`,
        color,
        shape,
        marks: label,
      })),
      ...bands.toReversed().map(({ label, color, shape }) => ({
        label: isAlone ? bandNames[shape] : `${label}, ${bandNames[shape]}`,
        color,
        shape,
        marks: label,
      })),
    ],
  };
}

const bandNames: Record<Mark["shape"], string> = {
  line: "mean",
  core: "p5–p95",
  band: "min–max",
  area: "",
};

function bandMarks({ label, color, buckets, core }: Series, range: Range): Mark[] {
  const mark = (shape: "band" | "core", low: Float64Array, high: Float64Array): Mark => {
    return { label, color, shape, path: areaPath(low, high, range) };
  };
  if (!hasSpread(buckets)) return [];
  const whole = mark("band", buckets.min, buckets.max);
  return core === undefined || core === null ? [whole] : [whole, mark("core", core.p5, core.p95)];
}

/** Where every point stands for one sample, or for equal ones, a band would be the line once more. */
export function hasSpread({ min, max }: Pick<Buckets, "min" | "max">): boolean {
  return min.some((low, index) => low < (max[index] ?? NaN));
}

/** A threshold far beyond the values is left out rather than flattening them. */
function axisFor(unit: Unit, drawn: Float64Array[], thresholds: readonly Threshold[]): ValueAxis {
  const high = Math.max(...drawn.map(largest));
  const near = thresholds.map(({ value }) => value).filter((value) => value <= 4 * high);
  return valueAxis(unit, { low: 0, high: Math.max(high, ...near) });
}

/** 0 where nothing was measured: an axis starts there in any case. */
export function largest(values: Float64Array): number {
  return values.reduce((max, value) => (value > max ? value : max), 0);
}
