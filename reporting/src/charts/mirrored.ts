import type { Unit } from "@perfanalysis/contract/metrics";
import { bucketMeans } from "../statistics/buckets.ts";
import { frame, type Chart, type ChartText, type LegendEntry, type Mark } from "./frame.ts";
import { areaPath, linePath, type Range } from "./path.ts";
import { hasSpread, largest, type Series } from "./time-series.ts";
import { valueAxis } from "./value-axis.ts";
import { timeXAxis } from "./x-axis.ts";

export interface MirroredOptions extends ChartText {
  unit: Unit;
  /** Drawn from the zero line upwards. */
  up: Series;
  /** Drawn from the zero line downwards, on the same scale. */
  down: Series;
}

/** Two directions of one traffic, such as read and written, around a common zero line; each with mean and bands. */
export function mirroredChart(options: MirroredOptions): Chart {
  const { unit, up, down } = options;
  const span = { ...up.buckets, length: up.buckets.count.length };
  const axis = valueAxis(unit, { low: -largest(down.buckets.max), high: largest(up.buckets.max) });
  const marks = [...halfMarks(up, axis.range, 1), ...halfMarks(down, axis.range, -1)];
  const entry = (
    { label, color }: Series,
    { name, shape }: { name: string; shape: LegendEntry["shape"] },
  ): LegendEntry => ({ label: name, color, shape, marks: label });
  const spread = [up, down].filter(({ buckets }) => hasSpread(buckets));
  const isCored = spread.some(({ core }) => core !== undefined && core !== null);
  const mean = spread.length === 0 ? "" : ", mean";
  return {
    svg: frame(options, { x: timeXAxis(span), axis, marks }),
    legend: [
      entry(up, { name: `${up.label} (up)${mean}`, shape: "line" }),
      entry(down, { name: `${down.label} (down)${mean}`, shape: "line" }),
      ...spread.flatMap((series) => [
        ...(isCored ? [entry(series, { name: `${series.label}, p5–p95`, shape: "core" })] : []),
        entry(series, { name: `${series.label}, min–max`, shape: "band" }),
      ]),
    ],
  };
}

function halfMarks({ label, color, buckets, core }: Series, range: Range, sign: 1 | -1): Mark[] {
  const signed = (values: Float64Array): Float64Array => values.map((value) => sign * value);
  const area = (near: Float64Array, far: Float64Array): string => {
    const [lower, upper] = sign === 1 ? [near, far] : [far, near];
    return areaPath(signed(lower), signed(upper), range);
  };
  const inner: Mark[] =
    core === undefined || core === null
      ? []
      : [{ label, color, shape: "core", path: area(core.p5, core.p95) }];
  const outer: Mark[] = hasSpread(buckets)
    ? [{ label, color, shape: "band", path: area(buckets.min, buckets.max) }, ...inner]
    : [];
  return [
    ...outer,
    { label, color, shape: "line", path: linePath(signed(bucketMeans(buckets)), range) },
  ];
}
