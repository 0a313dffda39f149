import type { Unit } from "@perfanalysis/contract/metrics";
import { bucketMeans } from "../statistics/buckets.ts";
import { frame, type Chart, type ChartText, type Mark } from "./frame.ts";
import { areaPath, linePath, type Range } from "./path.ts";
import { largest, type Series } from "./time-series.ts";
import { valueAxis } from "./value-axis.ts";
import { timeXAxis } from "./x-axis.ts";

export interface MirroredOptions extends ChartText {
  unit: Unit;
  /** Drawn from the zero line upwards. */
  up: Series;
  /** Drawn from the zero line downwards, on the same scale. */
  down: Series;
}

/** Two directions of one traffic, such as read and written, around a common zero line; each with mean and min–max band. */
export function mirroredChart(options: MirroredOptions): Chart {
  const { unit, up, down } = options;
  const span = { ...up.buckets, length: up.buckets.count.length };
  const axis = valueAxis(unit, { low: -largest(down.buckets.max), high: largest(up.buckets.max) });
  const marks = [...halfMarks(up, axis.range, 1), ...halfMarks(down, axis.range, -1)];
  return {
    svg: frame(options, { x: timeXAxis(span), axis, marks }),
    legend: [
      { label: `${up.label} (up), mean`, color: up.color, shape: "line", marks: up.label },
      { label: `${down.label} (down), mean`, color: down.color, shape: "line", marks: down.label },
      { label: `${up.label}, min–max`, color: up.color, shape: "band", marks: up.label },
      { label: `${down.label}, min–max`, color: down.color, shape: "band", marks: down.label },
    ],
  };
}

function halfMarks({ label, color, buckets }: Series, range: Range, sign: 1 | -1): Mark[] {
  const signed = (values: Float64Array): Float64Array => values.map((value) => sign * value);
  const [lower, upper] = sign === 1 ? [buckets.min, buckets.max] : [buckets.max, buckets.min];
  return [
    { label, color, shape: "band", path: areaPath(signed(lower), signed(upper), range) },
    { label, color, shape: "line", path: linePath(signed(bucketMeans(buckets)), range) },
  ];
}
