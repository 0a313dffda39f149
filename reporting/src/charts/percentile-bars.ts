import type { Unit } from "@perfanalysis/contract/metrics";
import { formatValue } from "../format.ts";
import { svg, type Markup } from "../markup.ts";
import { percent, picture, renderXAxis, type Chart, type ChartText } from "./frame.ts";
import { paint, type Color } from "./palette.ts";
import { valueAxis } from "./value-axis.ts";
import { valueXAxis } from "./x-axis.ts";

export interface PercentileRow {
  label: string;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
}

export interface PercentileBarsOptions extends ChartText {
  unit: Unit;
  /** From the top down, such as one a device. */
  rows: readonly PercentileRow[];
  /** Right end of the axis; default the largest value. 100 for shares of a whole. */
  high?: number;
}

/** The longest is drawn first, the shorter ones over it. */
const bars: [key: "max" | "p99" | "p95" | "p90" | "p50", label: string, color: Color][] = [
  ["max", "max", "heat2"],
  ["p99", "p99", "heat4"],
  ["p95", "p95", "heat6"],
  ["p90", "p90", "heat8"],
  ["p50", "p50", "heat10"],
];
const rowHeight = 40;
const barHeight = 14;

/** How far each of several like things reaches in half of its samples, in 90, 95, 99 of a hundred, and in all. */
export function percentileBarsChart(options: PercentileBarsOptions): Chart {
  const { unit, rows } = options;
  const most = rows.reduce((high, { max }) => (max > high ? max : high), 0);
  const axis = valueAxis(unit, { low: 0, high: options.high ?? most });
  const bottom = 6 + rowHeight * rows.length;
  const grid = axis.ticks.map(({ value }) => {
    const x = percent(value / axis.range.high);
    return svg`<line x1="${x}" x2="${x}" y2="${bottom}"/>`;
  });
  const x = valueXAxis(unit, { ...axis.range, length: 100, kind: "value" });
  const content = svg`<g stroke="${paint("grid")}">${grid}</g>${rows.map((row, index) => renderRow(row, { unit, high: axis.range.high, y: rowHeight * index }))}${renderXAxis(x, bottom)}`;
  return {
    svg: picture(options, { height: bottom + 42, content }),
    legend: bars.toReversed().map(([, label, color]) => ({ label, color, shape: "area" })),
  };
}

/** A row whose values are gaps keeps its place and says so. */
function renderRow(
  row: PercentileRow,
  { unit, high, y }: { unit: Unit; high: number; y: number },
): Markup {
  const said = Number.isNaN(row.max)
    ? "no data"
    : `p95 ${formatValue(row.p95, unit)}, max ${formatValue(row.max, unit)}`;
  const drawn = bars.map(([key, , color]) => {
    const value = row[key];
    if (!(value > 0)) return null;
    return svg`<rect y="${y + 21}" width="${percent(Math.min(1, value / high))}" height="${barHeight}" fill="${paint(color)}"/>`;
  });
  return svg`<g><text y="${y + 15}" fill="${paint("label")}" class="halo"><tspan font-weight="600">${row.label}</tspan>: ${said}</text>${drawn}</g>`;
}
