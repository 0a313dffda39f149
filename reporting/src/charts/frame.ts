// What all charts share: axes, grid, thresholds. Positions along x are percentages of the plot and only the marks are stretched,
// so a fluid chart fits any width while its texts keep their size.
import { svg, trusted, type Markup } from "../markup.ts";
import { paint, type Color } from "./palette.ts";
import { pathHeight, toY } from "./path.ts";
import { timeTicks, type TimeTick } from "./time-axis.ts";
import type { ValueAxis } from "./value-axis.ts";

/** The buckets' span of time. */
export interface TimeSpan {
  startS: number;
  bucketS: number;
  /** Number of buckets. */
  length: number;
}

export interface Threshold {
  value: number;
  label: string;
}

/** What the picture says, for those who do not see it. */
export interface ChartText {
  /** Unique in the document. */
  id: string;
  title: string;
  description: string;
  /**
   * "fixed" stands alone. "fluid" is for a page, which sets `.chart` to a width of 100 % and, for the axes' texts, a
   * padding of `plotPadding`.
   */
  layout?: "fixed" | "fluid";
}

/** How a legend shows what a colour stands for. */
export interface LegendEntry {
  label: string;
  color: Color;
  shape: "line" | "band" | "area";
}

export interface Chart {
  svg: Markup;
  legend: LegendEntry[];
}

export interface Mark {
  /** From `path.ts`. */
  path: string;
  shape: LegendEntry["shape"];
  color: Color;
  /** For a cursor that reads values back; two marks of one series have the same. */
  label: string;
}

const left = 52;
const right = 12;
const top = 24;
const plotHeight = 180;
const width = 760;
const height = 250;
const fontSize = 12;

/** Beside the plot, as CSS. */
export const plotPadding = `0 ${right}px 0 ${left}px`;

export function frame(
  { id, title, description, layout = "fixed" }: ChartText,
  {
    span,
    axis,
    marks,
    thresholds = [],
  }: {
    span: TimeSpan;
    axis: ValueAxis;
    marks: readonly Mark[];
    thresholds?: readonly Threshold[];
  },
): Markup {
  const endS = span.startS + span.bucketS * span.length;
  const { low, high } = axis.range;
  const visible = thresholds.filter(({ value }) => value >= low && value <= high);
  const size = layout === "fluid" ? null : svg` width="${width}"`;
  const place =
    layout === "fluid" ? svg`width="100%"` : svg`x="${left}" width="${width - left - right}"`;
  return svg`<svg xmlns="http://www.w3.org/2000/svg" class="chart" id="${id}" role="img" aria-labelledby="${id}-title ${id}-text"${size} height="${height}" font-family="system-ui,sans-serif" font-size="${fontSize}"><title id="${id}-title">${title}</title><desc id="${id}-text">${description}</desc><svg ${place} height="${height}" overflow="visible">${renderValueAxis(axis)}<svg class="marks" y="${top}" width="100%" height="${plotHeight}" viewBox="-0.5 0 ${span.length} ${pathHeight}" preserveAspectRatio="none" data-start="${span.startS}" data-step="${span.bucketS}" data-low="${low / axis.divisor}" data-high="${high / axis.divisor}" data-unit="${axis.unitText}">${marks.map(renderMark)}</svg><g stroke="${paint("axis")}">${horizontal(toPixel(Math.max(0, low), axis))}</g>${visible.map((threshold) => renderThreshold(threshold, axis))}${timeTicks(span.startS, endS).map((tick) => renderTick(tick, span.startS, endS))}</svg></svg>`;
}

function renderValueAxis(axis: ValueAxis): Markup {
  const texts = axis.ticks.map(
    ({ value, text }) => svg`<text x="-8" y="${toPixel(value, axis) + 4}">${text}</text>`,
  );
  const lines = axis.ticks.map(({ value }) => horizontal(toPixel(value, axis)));
  return svg`<g text-anchor="end" fill="${paint("label")}"><text x="-8" y="12">${axis.unitText}</text>${texts}</g><g stroke="${paint("grid")}">${lines}</g>`;
}

function toPixel(value: number, { range }: ValueAxis): number {
  return top + Math.round((toY(value, range) * plotHeight) / pathHeight);
}

function horizontal(y: number): Markup {
  return svg`<line x2="100%" y1="${y}" y2="${y}"/>`;
}

function renderMark({ path, shape, color, label }: Mark): Markup {
  const look =
    shape === "line"
      ? svg`fill="none" stroke="${paint(color)}" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke"`
      : svg`fill="${paint(color)}"${shape === "band" ? svg` fill-opacity="0.28"` : null}`;
  // Made of digits by path.ts alone.
  return svg`<path data-shape="${shape}" data-label="${label}" ${look} d="${trusted(path)}"/>`;
}

function renderThreshold({ value, label }: Threshold, axis: ValueAxis): Markup {
  const y = toPixel(value, axis);
  return svg`<line x2="100%" y1="${y}" y2="${y}" stroke="${paint("vermilion")}" stroke-width="1.25" stroke-dasharray="6 4"/><text x="100%" dx="-4" y="${y < top + 14 ? y + 14 : y - 5}" text-anchor="end" fill="${paint("vermilion")}" class="halo">${label}</text>`;
}

function renderTick(
  { timeS, text, dateText, minor }: TimeTick,
  startS: number,
  endS: number,
): Markup {
  const share = (timeS - startS) / (endS - startS);
  const x = `${Number((100 * share).toFixed(2))}%`;
  const anchor = share < 0.03 ? "start" : share > 0.97 ? "end" : "middle";
  const bottom = top + plotHeight;
  return svg`<g${minor ? svg` class="minor"` : null} text-anchor="${anchor}" fill="${paint("label")}"><line x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 5}" stroke="${paint("axis")}"/><text x="${x}" y="${bottom + 19}">${text}</text>${dateText === "" ? null : svg`<text x="${x}" y="${bottom + 35}" font-weight="600">${dateText}</text>`}</g>`;
}
