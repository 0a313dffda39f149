import type { Unit } from "@perfanalysis/contract/metrics";
import { frame, type Chart, type ChartText, type Mark, type TimeSpan } from "./frame.ts";
import type { Color } from "./palette.ts";
import { areaPath } from "./path.ts";
import { percentAxis, valueAxis } from "./value-axis.ts";
import { timeXAxis } from "./x-axis.ts";

export interface Layer {
  label: string;
  color: Color;
  /** A value a bucket; NaN is a gap. */
  means: Float64Array;
}

export interface StackedOptions extends ChartText {
  unit: Unit;
  span: TimeSpan;
  /** From the bottom up. */
  layers: readonly Layer[];
  /** Show 0–100 whatever the values. */
  wholePercent?: boolean;
}

/** Parts of a whole over time, one upon the other. Where a layer is a gap, so is the whole bucket. */
export function stackedChart(options: StackedOptions): Chart {
  const { unit, span, layers, wholePercent = false } = options;
  const edges: Float64Array[] = [new Float64Array(span.length)];
  for (const { means } of layers) {
    const below = edges.at(-1) ?? new Float64Array(span.length);
    edges.push(below.map((value, index) => value + (means[index] ?? NaN)));
  }
  const top = edges.at(-1) ?? new Float64Array(span.length);
  const high = top.reduce((max, value) => (value > max ? value : max), 0);
  const axis = wholePercent ? percentAxis() : valueAxis(unit, { low: 0, high });
  const marks = layers.map(({ label, color }, index): Mark => {
    // The top's gaps are those of every layer together.
    const lower = withGapsOf(top, edges[index] ?? top);
    const upper = withGapsOf(top, edges[index + 1] ?? top);
    return { label, color, shape: "area", path: areaPath(lower, upper, axis.range) };
  });
  return {
    svg: frame(options, { x: timeXAxis(span), axis, marks }),
    legend: layers.map(({ label, color }) => ({ label, color, shape: "area", marks: label })),
  };
}

function withGapsOf(model: Float64Array, values: Float64Array): Float64Array {
  return values.map((value, index) => (Number.isNaN(model[index]) ? NaN : value));
}
