import type { Unit } from "@perfanalysis/contract/metrics";
import { svg, type Markup } from "../markup.ts";
import type { TimeZone } from "../time-zone.ts";
import { cellsChart, cellsTop, type CellRow } from "./cells.ts";
import type { Chart, ChartText, TimeSpan } from "./frame.ts";
import { levelsUpTo } from "./levels.ts";
import { paint } from "./palette.ts";
import { timeXAxis } from "./x-axis.ts";

export interface StripsOptions extends ChartText {
  unit: Unit;
  span: TimeSpan;
  /** From the top down, such as one a CPU; a value a bucket. */
  rows: readonly CellRow[];
  /** Value of the last colour. */
  high: number;
  /** Whose clocks tell the times; default UTC. */
  zone?: TimeZone;
}

const axisHeight = 42;
const labelHeight = 14;

/** A strip of colour for each of many like things over time: what a line each could not show. */
export function stripsChart(options: StripsOptions): Chart {
  const { unit, span, rows, zone } = options;
  const rowHeight = Math.max(2, Math.min(18, Math.floor(512 / rows.length)));
  return cellsChart({
    ...options,
    levels: levelsUpTo(unit, options.high),
    rowHeight,
    axis: { ...timeXAxis(span, zone), kind: "time" },
    axisHeight,
    rowTexts: rowTexts(rows, rowHeight),
    apart: false,
  });
}

/** Of many rows every second, fourth, eighth … has its name. */
function rowTexts(rows: readonly CellRow[], rowHeight: number): Markup {
  const every = 2 ** Math.ceil(Math.log2(Math.max(1, labelHeight / rowHeight)));
  const texts = rows.map(({ label }, index) =>
    index % every === 0
      ? svg`<text x="-8" y="${cellsTop + index * rowHeight + rowHeight / 2 + 4}">${label}</text>`
      : null,
  );
  return svg`<g text-anchor="end" fill="${paint("label")}">${texts}</g>`;
}
