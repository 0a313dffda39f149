import type { Unit } from "@perfanalysis/contract/metrics";
import { svg, type Markup } from "../markup.ts";
import type { TimeZone } from "../time-zone.ts";
import { hasGaps, hatchId, renderCells, type CellRow } from "./cells.ts";
import { picture, renderXAxis, type Chart, type ChartText, type TimeSpan } from "./frame.ts";
import { levelsUpTo, renderScale, scaleHeight } from "./levels.ts";
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

const top = 8;
const axisHeight = 42;
const labelHeight = 14;

/** A strip of colour for each of many like things over time: what a line each could not show. */
export function stripsChart(options: StripsOptions): Chart {
  const { id, unit, span, rows, zone } = options;
  const levels = levelsUpTo(unit, options.high);
  const rowHeight = Math.max(2, Math.min(18, Math.floor(512 / rows.length)));
  const height = rowHeight * rows.length;
  const bottom = top + height;
  const hatch = hasGaps(rows) ? hatchId(id) : null;
  const cells = renderCells(rows, levels, {
    id,
    y: top,
    height,
    columns: span.length,
    times: { kind: "time", startS: span.startS, stepS: span.bucketS },
    apart: false,
  });
  const content = svg`${cells}${rowTexts(rows, rowHeight)}${renderXAxis(timeXAxis(span, zone), bottom)}${renderScale(levels, { y: bottom + axisHeight, hatch })}`;
  return {
    svg: picture(options, { height: bottom + axisHeight + scaleHeight, content }),
    legend: [],
  };
}

/** Of many rows every second, fourth, eighth … has its name. */
function rowTexts(rows: readonly CellRow[], rowHeight: number): Markup {
  const every = 2 ** Math.ceil(Math.log2(Math.max(1, labelHeight / rowHeight)));
  const texts = rows.map(({ label }, index) =>
    index % every === 0
      ? svg`<text x="-8" y="${top + index * rowHeight + rowHeight / 2 + 4}">${label}</text>`
      : null,
  );
  return svg`<g text-anchor="end" fill="${paint("label")}">${texts}</g>`;
}
