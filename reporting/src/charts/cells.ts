// Cells of colour in rows, such as hours of days or CPUs over time. What was not measured stays hatched, never coloured.
import { svg, trusted, type Markup } from "../markup.ts";
import { picture, renderXAxis, type Chart, type ChartText } from "./frame.ts";
import { levelOf, levelText, renderScale, scaleHeight, type Levels } from "./levels.ts";
import { paint } from "./palette.ts";
import type { XAxis } from "./x-axis.ts";

export interface CellRow {
  label: string;
  /** A value a column; NaN is a gap. */
  values: Float64Array;
}

export interface CellsOptions extends ChartText {
  rows: readonly CellRow[];
  levels: Levels;
  rowHeight: number;
  /** Of what times the columns are, and where; with the height of its texts. */
  axis: XAxis & { kind: "clock" | "time" };
  axisHeight: number;
  /** Beside the rows. */
  rowTexts: Markup;
  /** Leave a thin line between cells. */
  apart: boolean;
}

/** Where the first row begins. */
export const cellsTop = 8;

/** Rows of cells with what their columns and their colours are below them. */
export function cellsChart(options: CellsOptions): Chart {
  const { id, rows, levels, rowHeight, axis, axisHeight, rowTexts } = options;
  const height = rowHeight * rows.length;
  const bottom = cellsTop + height;
  const hatch = hasGaps(rows) ? hatchId(id) : null;
  const content = svg`${renderCells(options, height)}${rowTexts}${renderXAxis(axis, bottom)}${renderScale(levels, { y: bottom + axisHeight, hatch })}`;
  return {
    svg: picture(options, { height: bottom + axisHeight + scaleHeight, content }),
    legend: [],
  };
}

/** The cells of one level are one path; where cells touch, runs of one level are one rectangle. */
function renderCells({ id, rows, levels, axis, apart }: CellsOptions, height: number): Markup {
  const paths = levels.colors.map(() => "");
  for (const [index, { values }] of rows.entries()) {
    for (const { level, from, to } of runs(values, levels, apart)) {
      paths[level] =
        `${paths[level] ?? ""}M${from} ${index}h${to - from}V${index + 1}h${from - to}z`;
    }
  }
  const line = apart
    ? svg` stroke="var(--paper,#fff)" stroke-width="1" vector-effect="non-scaling-stroke"`
    : svg` shape-rendering="crispEdges"`;
  const cells = levels.colors.map((color, level) => {
    const path = paths[level] ?? "";
    // Made of digits by the loop above.
    return path === ""
      ? null
      : svg`<path data-shape="cells" data-label="${levelText(levels, level)}" fill="${paint(color)}"${line} d="${trusted(path)}"/>`;
  });
  return svg`<defs>${renderHatch(id)}</defs><rect y="${cellsTop}" width="100%" height="${height}" fill="url(#${hatchId(id)})" stroke="${paint("grid")}"/><svg class="marks" y="${cellsTop}" width="100%" height="${height}" viewBox="0 0 ${axis.length} ${rows.length}" preserveAspectRatio="none" data-x="cells" data-columns="${axis.kind}" data-start="${axis.start}" data-step="${axis.step}" data-rows="${JSON.stringify(rows.map(({ label }) => label))}">${cells}</svg>`;
}

function hatchId(id: string): string {
  return `${id}-gap`;
}

function hasGaps(rows: readonly CellRow[]): boolean {
  return rows.some(({ values }) => values.some((value) => Number.isNaN(value)));
}

function renderHatch(id: string): Markup {
  return svg`<pattern id="${hatchId(id)}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line y2="6" stroke="${paint("axis")}" stroke-width="2" stroke-opacity="0.6"/></pattern>`;
}

function runs(
  values: Float64Array,
  levels: Levels,
  apart: boolean,
): { level: number; from: number; to: number }[] {
  const found: { level: number; from: number; to: number }[] = [];
  for (const [index, value] of values.entries()) {
    const level = levelOf(value, levels);
    const last = found.at(-1);
    if (!apart && last !== undefined && last.level === level && last.to === index) last.to++;
    else if (level >= 0) found.push({ level, from: index, to: index + 1 });
  }
  return found;
}
