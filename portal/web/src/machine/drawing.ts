// What a chart draws, worked out without a canvas.
import type { ChartData, ChartValue } from "./chart-data.ts";
import type { Panel } from "./panels.ts";

export interface Drawing {
  timesS: number[];
  lines: DrawnLine[];
  bands: DrawnBand[];
  /** Top of the scale, or null where the data decide. */
  max: number | null;
}

export interface DrawnLine {
  values: ChartValue[];
  colour: number;
  /** `mean`: a line. `stacked`: a line with everything below it filled. `edge`: only the border of a band. `peak`: dotted. */
  look: "mean" | "stacked" | "edge" | "peak";
}

/** Fills between two lines, named by their places. */
export interface DrawnBand {
  upper: number;
  lower: number;
  colour: number;
  look: "range" | "stacked";
}

/** The colour of the dotted line over a stack; no line of a panel has it. */
export const peakColour = -1;

export function toDrawing(panel: Panel, data: ChartData, hidden: ReadonlySet<string>): Drawing {
  const drawing: Drawing = {
    timesS: data.timesS,
    lines: [],
    bands: [],
    max:
      panel.max ?? highestOf(panel.maxColumn === null ? null : valuesOf(data, panel.maxColumn).max),
  };
  if (panel.stackRest === null) addLines(drawing, panel, data, hidden);
  else addStack(drawing, panel, panel.stackRest, data, hidden);
  return drawing;
}

/** What a stack adds up to: 100 less the rest, exact for each of minimum, mean and maximum. */
export function stackTotal(rest: { min: ChartValue[]; mean: ChartValue[]; max: ChartValue[] }) {
  return { min: lessThan100(rest.max), mean: lessThan100(rest.mean), max: lessThan100(rest.min) };
}

function lessThan100(values: readonly ChartValue[]): ChartValue[] {
  return values.map((value) => (typeof value === "number" ? Math.max(0, 100 - value) : value));
}

function addLines(
  drawing: Drawing,
  { lines }: Panel,
  data: ChartData,
  hidden: ReadonlySet<string>,
): void {
  for (const { column, colour } of lines) {
    if (hidden.has(column)) continue;
    const { min, mean, max } = valuesOf(data, column);
    if (data.bucketS > 1) {
      const upper = drawing.lines.push({ values: max, colour, look: "edge" }) - 1;
      const lower = drawing.lines.push({ values: min, colour, look: "edge" }) - 1;
      drawing.bands.push({ upper, lower, colour, look: "range" });
    }
    drawing.lines.push({ values: mean, colour, look: "mean" });
  }
}

function addStack(
  drawing: Drawing,
  { lines }: Panel,
  restColumn: string,
  data: ChartData,
  hidden: ReadonlySet<string>,
): void {
  let below: ChartValue[] = data.timesS.map(() => 0);
  for (const { column, colour } of lines) {
    if (hidden.has(column)) continue;
    const { mean } = valuesOf(data, column);
    below = below.map((sum, index) => plus(sum, mean[index]));
    const upper = drawing.lines.push({ values: below, colour, look: "stacked" }) - 1;
    if (upper > 0) drawing.bands.push({ upper, lower: upper - 1, colour, look: "stacked" });
  }
  if (data.bucketS === 1 || hidden.size > 0) return;
  drawing.lines.push({
    values: stackTotal(valuesOf(data, restColumn)).max,
    colour: peakColour,
    look: "peak",
  });
}

/** Of a sum with a part missing, nothing is known. */
function plus(sum: ChartValue, part: ChartValue): ChartValue {
  return typeof sum === "number" && typeof part === "number"
    ? sum + part
    : part === undefined
      ? undefined
      : null;
}

function valuesOf(data: ChartData, column: string) {
  const values = data.columns.get(column);
  if (values !== undefined) return values;
  const gaps = data.timesS.map(() => null);
  return { min: gaps, mean: gaps, max: gaps };
}

function highestOf(values: readonly ChartValue[] | null): number | null {
  let highest: number | null = null;
  for (const value of values ?? []) {
    if (typeof value === "number" && (highest === null || value > highest)) highest = value;
  }
  return highest;
}
