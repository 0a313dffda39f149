// What a chart draws, worked out without a canvas: axes and shapes are the report's.
import { areaPath, linePath } from "@perfanalysis/reporting/charts/path";
import { stackEdges, stackPaths } from "@perfanalysis/reporting/charts/stacked";
import { hasSpread, largest } from "@perfanalysis/reporting/charts/time-series";
import { valueAxis, type ValueAxis } from "@perfanalysis/reporting/charts/value-axis";
import type { ChartData, ChartValue } from "./chart-data.ts";
import type { Panel } from "./panels.ts";

export interface Drawing {
  /** Where the values of each bucket stand: amid its samples. Unix seconds, `bucketS` apart. */
  timesS: number[];
  bucketS: number;
  axis: ValueAxis;
  /** From the back to the front. */
  marks: DrawnMark[];
}

export interface DrawnMark {
  /** In the report's units: one a bucket, `pathHeight` between the edges of `axis.range`. */
  path: string;
  /** `line`: means. `band`: from minimum to maximum. `area`: a layer of a stack. `peak`: the thin line above a stack. */
  shape: "line" | "band" | "area" | "peak";
  colour: number;
  /** By bucket, what a cursor points at; null where it points at another mark of the same column. */
  values: Float64Array | null;
}

/** The colour of the line over a stack; no line of a panel has it. */
export const peakColour = -1;

export function toDrawing(panel: Panel, data: ChartData, hidden: ReadonlySet<string>): Drawing {
  const { bucketS } = data;
  return {
    // Of samples that are taken on the second.
    timesS: data.timesS.map((timeS) => timeS + (bucketS - 1) / 2),
    bucketS,
    ...(panel.stackRest === null
      ? drawLines(panel, data, hidden)
      : drawStack(panel, panel.stackRest, data, hidden)),
  };
}

/** What a stack adds up to: 100 less the rest, exact for each of minimum, mean and maximum. */
export function stackTotal(rest: { min: ChartValue[]; mean: ChartValue[]; max: ChartValue[] }) {
  return { min: lessThan100(rest.max), mean: lessThan100(rest.mean), max: lessThan100(rest.min) };
}

function lessThan100(values: readonly ChartValue[]): ChartValue[] {
  return values.map((value) => (typeof value === "number" ? Math.max(0, 100 - value) : value));
}

type Drawn = Pick<Drawing, "axis" | "marks">;

function drawLines(panel: Panel, data: ChartData, hidden: ReadonlySet<string>): Drawn {
  const columns = panel.lines
    .filter(({ column }) => !hidden.has(column))
    .map(({ column, colour }) => ({ colour, ...drawnOf(data, column) }));
  const axis = axisOver(
    panel,
    data,
    columns.map(({ max }) => max),
  );
  const bands = columns.map(({ colour, min, max }): DrawnMark => {
    // Always there where it could be: a plot keeps its marks from second to second.
    const path = hasSpread({ min, max }) ? areaPath(min, max, axis.range) : "";
    return { path, shape: "band", colour, values: null };
  });
  const lines = columns.map(({ colour, mean }): DrawnMark => {
    return { path: linePath(mean, axis.range), shape: "line", colour, values: mean };
  });
  // Lines last, and the first of them on top: bands would hide them.
  return { axis, marks: [...(data.bucketS > 1 ? bands : []), ...lines.toReversed()] };
}

function drawStack(
  panel: Panel,
  restColumn: string,
  data: ChartData,
  hidden: ReadonlySet<string>,
): Drawn {
  const layers = panel.lines
    .filter(({ column }) => !hidden.has(column))
    .map(({ column, colour }) => ({ colour, means: drawnOf(data, column).mean }));
  const edges = stackEdges(
    data.timesS.length,
    layers.map(({ means }) => means),
  );
  const peaks = toDrawn(stackTotal(valuesOf(data, restColumn)).max);
  const axis = axisOver(panel, data, edges);
  const paths = stackPaths(edges, axis.range);
  const marks = layers.map(({ colour }, index): DrawnMark => {
    return { path: paths[index] ?? "", shape: "area", colour, values: edges[index + 1] ?? null };
  });
  if (data.bucketS === 1 || hidden.size > 0) return { axis, marks };
  const path = linePath(peaks, axis.range);
  return { axis, marks: [...marks, { path, shape: "peak", colour: peakColour, values: peaks }] };
}

function axisOver(panel: Panel, data: ChartData, drawn: readonly Float64Array[]): ValueAxis {
  const whole = panel.maxColumn === null ? 0 : largest(drawnOf(data, panel.maxColumn).max);
  const fixed = panel.max ?? whole;
  const high = fixed > 0 ? fixed : Math.max(0, ...drawn.map(largest));
  return valueAxis(panel.unit, { low: 0, high });
}

function drawnOf(data: ChartData, column: string) {
  const values = valuesOf(data, column);
  const mean = toDrawn(values.mean);
  // Of one sample, all three are the same.
  if (data.bucketS === 1) return { min: mean, mean, max: mean };
  return { min: toDrawn(values.min), mean, max: toDrawn(values.max) };
}

/** NaN is a gap; between two samples stands what lies on the straight line from one to the other. */
function toDrawn(values: readonly ChartValue[]): Float64Array {
  // Filled by hand: `Float64Array.from()` with a function takes ten times as long, each second for each line.
  const drawn = new Float64Array(values.length);
  let before = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    drawn[index] = value ?? NaN;
    if (value === undefined) continue;
    const [from = NaN, to = NaN] = [drawn[before], drawn[index]];
    for (let between = before + 1; between < index; between++) {
      drawn[between] = from + ((to - from) * (between - before)) / (index - before);
    }
    before = index;
  }
  return drawn;
}

function valuesOf(data: ChartData, column: string) {
  const values = data.columns.get(column);
  if (values !== undefined) return values;
  const gaps = data.timesS.map(() => null);
  return { min: gaps, mean: gaps, max: gaps };
}
