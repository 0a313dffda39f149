import type { Unit } from "@perfanalysis/contract/metrics";
import { frame, type Chart, type ChartText, type Mark, type TimeSpan } from "./frame.ts";
import type { Color } from "./palette.ts";
import { areaPath, type Range } from "./path.ts";
import { largest } from "./time-series.ts";
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
  const edges = stackEdges(
    span.length,
    layers.map(({ means }) => means),
  );
  const high = largest(edges.at(-1) ?? new Float64Array());
  const axis = wholePercent ? percentAxis() : valueAxis(unit, { low: 0, high });
  const paths = stackPaths(edges, axis.range);
  const marks = layers.map(({ label, color }, index): Mark => {
    return { label, color, shape: "area", path: paths[index] ?? "" };
  });
  return {
    svg: frame(options, { x: timeXAxis(span), axis, marks }),
    legend: layers.map(({ label, color }) => ({ label, color, shape: "area", marks: label })),
  };
}

/**
 * What lies between the layers, from the bottom up: 0, the first layer's top, … the whole, each `length` long. Where one layer is a
 * gap, all are.
 */
export function stackEdges(length: number, layers: readonly Float64Array[]): Float64Array[] {
  let top = new Float64Array(length);
  const edges = [top];
  for (const means of layers) {
    top = top.map((value, index) => value + (means[index] ?? NaN));
    edges.push(top);
  }
  return edges.map((edge) => edge.map((value, index) => (Number.isNaN(top[index]) ? NaN : value)));
}

/** The layers' areas, one fewer than their edges. */
export function stackPaths(edges: readonly Float64Array[], range: Range): string[] {
  return edges.slice(1).map((upper, index) => areaPath(edges[index] ?? upper, upper, range));
}
