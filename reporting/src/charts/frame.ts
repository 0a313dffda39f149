// What all charts share: the picture with its words, axes, grid, thresholds. Positions along x are percentages of the plot and
// only the marks are stretched, so a fluid chart fits any width while its texts keep their size.
import { svg, trusted, type Markup } from "../markup.ts";
import { anchorOf } from "./fit-ticks.ts";
import { paint, type Color } from "./palette.ts";
import { pathHeight, toY } from "./path.ts";
import type { ValueAxis } from "./value-axis.ts";
import type { XAxis, XTick } from "./x-axis.ts";

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

/** line: a mean. band: from the smallest to the largest. core: the band without its rare ends. area: a quantity. */
export type Shape = "line" | "band" | "core" | "area";

/** How a legend shows what a colour stands for. */
export interface LegendEntry {
  label: string;
  color: Color;
  shape: Shape;
  dash?: Dash;
  /** The label of the marks that it stands for; absent where it stands for none that could be hidden by itself. */
  marks?: string;
}

/** Lines that lie on each other, or that one reads in black and white, differ in more than colour. */
export type Dash = "solid" | "dashed" | "dotted";

export interface Chart {
  svg: Markup;
  legend: LegendEntry[];
}

export interface Mark {
  /** From `path.ts`. */
  path: string;
  shape: Shape;
  color: Color;
  dash?: Dash;
  /** For a cursor that reads values back; two marks of one series have the same. */
  label: string;
}

const left = 52;
const right = 12;
const width = 760;
const fontSize = 12;
const plotHeight = 180;
/** Height of a chart with value axis and, below it, a time axis of two lines. */
const height = 250;

/** Above the plot: the unit, or a threshold's text, stands here. */
export const plotTop = 24;

/** Beside the plot, as CSS. */
export const plotPadding = `0 ${right}px 0 ${left}px`;

/** Of a mean, in pixels. */
export const lineWidth = 1.5;

/** Fills that let others shine through. */
export const fillOpacity: Record<Exclude<Shape, "line">, number> = {
  band: 0.22,
  core: 0.4,
  area: 1,
};

export const dashArrays: Record<Dash, string | null> = {
  solid: null,
  dashed: "6 3",
  dotted: "1.5 3",
};

/** The whole SVG around a plot, whose x runs from 0 to 100 % and whose y is in pixels. */
export function picture(
  { id, title, description, layout = "fixed" }: ChartText,
  { height: pictureHeight, content }: { height: number; content: Markup },
): Markup {
  const size = layout === "fluid" ? null : svg` width="${width}"`;
  const place =
    layout === "fluid" ? svg`width="100%"` : svg`x="${left}" width="${width - left - right}"`;
  return svg`<svg xmlns="http://www.w3.org/2000/svg" class="chart" id="${id}" role="img" aria-labelledby="${id}-title ${id}-text"${size} height="${pictureHeight}" font-family="system-ui,sans-serif" font-size="${fontSize}"><title id="${id}-title">${title}</title><desc id="${id}-text">${description}</desc><svg ${place} height="${pictureHeight}" overflow="visible">${content}</svg></svg>`;
}

export function frame(
  text: ChartText,
  {
    x,
    axis,
    marks,
    thresholds = [],
    markers = [],
    event = null,
  }: {
    x: XAxis;
    axis: ValueAxis;
    marks: readonly Mark[];
    thresholds?: readonly Threshold[];
    markers?: readonly Marker[];
    /** Where an event lies that the axis counts from, in the paths' units; it moves with the marks. */
    event?: number | null;
  },
): Markup {
  const { low, high } = axis.range;
  const visible = thresholds.filter(({ value }) => value >= low && value <= high);
  const content = svg`${renderValueAxis(axis)}<svg class="marks" y="${plotTop}" width="100%" height="${plotHeight}" viewBox="${x.from} 0 ${x.length} ${pathHeight}" preserveAspectRatio="none" data-x="${x.kind}" data-start="${x.start}" data-step="${x.step}"${x.unitText === "" ? null : svg` data-x-unit="${x.unitText}"`} data-low="${low / axis.divisor}" data-high="${high / axis.divisor}" data-unit="${axis.unitText}">${event === null ? null : renderEvent(event)}${marks.map(renderMark)}</svg><g stroke="${paint("axis")}">${horizontal(toPixel(Math.max(0, low), axis))}</g>${visible.map((threshold) => renderThreshold(threshold, axis))}${visible.length === 0 ? null : renderThresholdTexts(visible)}${markers.map(renderMarker)}${renderXAxis(x, plotTop + plotHeight)}`;
  return picture(text, { height, content });
}

function renderValueAxis(axis: ValueAxis): Markup {
  const texts = axis.ticks.map(
    ({ value, text }) => svg`<text x="-8" y="${toPixel(value, axis) + 4}">${text}</text>`,
  );
  const lines = axis.ticks.map(({ value }) => horizontal(toPixel(value, axis)));
  return svg`<g text-anchor="end" fill="${paint("label")}"><text x="-8" y="12">${axis.unitText}</text>${texts}</g><g stroke="${paint("grid")}">${lines}</g>`;
}

function toPixel(value: number, { range }: ValueAxis): number {
  return plotTop + Math.round((toY(value, range) * plotHeight) / pathHeight);
}

function horizontal(y: number): Markup {
  return svg`<line x2="100%" y1="${y}" y2="${y}"/>`;
}

function renderMark({ path, shape, color, dash = "solid", label }: Mark): Markup {
  const dashes = dashArrays[dash];
  const look =
    shape === "line"
      ? svg`fill="none" stroke="${paint(color)}" stroke-width="${lineWidth}" stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke"${dashes === null ? null : svg` stroke-dasharray="${dashes}"`}`
      : svg`fill="${paint(color)}"${renderOpacity(shape)}`;
  // Made of digits by path.ts alone.
  return svg`<path data-shape="${shape}" data-label="${label}" ${look} d="${trusted(path)}"/>`;
}

/** Without a label: it is nothing that a cursor reads. */
function renderEvent(at: number): Markup {
  const path = `M${Number(at.toFixed(2))} 0V${pathHeight}`;
  // Made of digits.
  return svg`<path fill="none" stroke="${paint("axis")}" stroke-width="${lineWidth}" vector-effect="non-scaling-stroke" d="${trusted(path)}"/>`;
}

export function renderOpacity(shape: Shape): Markup | null {
  if (shape === "line" || fillOpacity[shape] === 1) return null;
  return svg` fill-opacity="${fillOpacity[shape]}"`;
}

function renderThreshold({ value }: Threshold, axis: ValueAxis): Markup {
  const y = toPixel(value, axis);
  return svg`<line x2="100%" y1="${y}" y2="${y}" stroke="${paint("vermilion")}" stroke-width="1.25" stroke-dasharray="6 4"/>`;
}

/** Above the plot: beside its line, a text would cover the values where they are near the limit. Dashes say which line it is of, which may lie far below. */
function renderThresholdTexts(thresholds: readonly Threshold[]): Markup {
  const labels = thresholds.map(({ label }) => label).join(", ");
  return svg`<text x="100%" y="${plotTop - 8}" text-anchor="end" fill="${paint("vermilion")}"><tspan font-weight="600">– –</tspan> ${labels}</text>`;
}

/** A place along x, for a legend to name. */
export interface Marker {
  /** 0 is the plot's left edge, 1 its right one. */
  share: number;
  dash: Dash;
}

function renderMarker({ share, dash }: Marker): Markup {
  const x = percent(share);
  const dashes = dashArrays[dash];
  return svg`<line x1="${x}" x2="${x}" y1="${plotTop}" y2="${plotTop + plotHeight}" stroke="${paint("vermilion")}" stroke-width="1.5"${dashes === null ? null : svg` stroke-dasharray="${dashes}"`}/>`;
}

/** Which marks of its figure an entry of a legend stands for, as attributes for a script. */
export function marksAttributes({ marks, shape }: LegendEntry): Markup | null {
  return marks === undefined ? null : svg` data-marks="${marks}" data-shape="${shape}"`;
}

/** The ticks below a plot that ends at `bottom`. */
export function renderXAxis({ ticks, title }: XAxis, bottom: number): Markup {
  const name =
    title === ""
      ? null
      : svg`<text x="100%" y="${bottom + 35}" text-anchor="end" fill="${paint("label")}">${title}</text>`;
  return svg`<g class="x-axis" fill="${paint("label")}">${ticks.map((tick) => renderTick(tick, bottom))}${name}</g>`;
}

function renderTick({ share, text, secondText, minor }: XTick, bottom: number): Markup {
  const x = percent(share);
  return svg`<g${minor ? svg` class="minor"` : null} text-anchor="${anchorOf(share)}"><line x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 5}" stroke="${paint("axis")}"/><text x="${x}" y="${bottom + 19}">${text}</text>${secondText === "" ? null : svg`<text x="${x}" y="${bottom + 35}" font-weight="600">${secondText}</text>`}</g>`;
}

/** A share of the plot's width as SVG has it. */
export function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))}%`;
}
