import type { Unit } from "@perfanalysis/contract/metrics";
import { bucketMeans, type Buckets } from "../statistics/buckets.ts";
import { frame, type Chart, type ChartText, type Mark, type Threshold } from "./frame.ts";
import type { Color } from "./palette.ts";
import { areaPath, linePath } from "./path.ts";
import { percentAxis, valueAxis, type ValueAxis } from "./value-axis.ts";

export interface Series {
  label: string;
  color: Color;
  /** All series of a chart have the same span. */
  buckets: Buckets;
}

export interface TimeSeriesOptions extends ChartText {
  unit: Unit;
  /** At least one. The first has a min–max band; of the others only the mean is drawn. */
  series: readonly [Series, ...Series[]];
  thresholds?: readonly Threshold[];
  /** Show 0–100 whatever the values: for shares of a whole. */
  wholePercent?: boolean;
  /** Draw no band: for quantities that are smooth by their nature, such as load averages. */
  bandless?: boolean;
}

/** Lines of means over time, the first with a band from its minimum to its maximum. */
export function timeSeriesChart(options: TimeSeriesOptions): Chart {
  const { unit, series, thresholds = [], wholePercent = false, bandless = false } = options;
  const [first] = series;
  const span = { ...first.buckets, length: first.buckets.count.length };
  const means = series.map(({ buckets }) => bucketMeans(buckets));
  const axis = wholePercent
    ? percentAxis()
    : axisFor(unit, [...(bandless ? [] : [first.buckets.max]), ...means], thresholds);
  const lines = series.map(({ label, color }, index): Mark => {
    return {
      label,
      color,
      shape: "line",
      path: linePath(means[index] ?? new Float64Array(), axis.range),
    };
  });
  const band: Mark[] = bandless
    ? []
    : [
        {
          label: first.label,
          color: first.color,
          shape: "band",
          path: areaPath(first.buckets.min, first.buckets.max, axis.range),
        },
      ];
  // Thin lines last: a band would hide them.
  const marks = [...band, ...lines.toReversed()];
  return {
    svg: frame(options, { span, axis, marks, thresholds }),
    legend: [
      ...lines.map(({ label, color }) => ({
        label: bandless || series.length > 1 ? label : `${label}, mean`,
        color,
        shape: "line" as const,
      })),
      ...band.map(({ label, color }) => ({
        label: series.length > 1 ? `${label}, min–max` : "min–max",
        color,
        shape: "band" as const,
      })),
    ],
  };
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
