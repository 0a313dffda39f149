import type { Unit } from "@perfanalysis/contract/metrics";
import { monthName } from "../format.ts";
import { svg, type Markup } from "../markup.ts";
import { cellsChart, cellsTop, type CellsOptions } from "./cells.ts";
import type { Chart, ChartText } from "./frame.ts";
import { levelsUpTo } from "./levels.ts";
import { paint } from "./palette.ts";
import { hourTicks } from "./x-axis.ts";

export interface DayHours {
  /** The day's first second, Unix. In another zone than UTC: that of the same date in UTC. */
  dayS: number;
  /** 24 values, by hour of day; NaN where the hour was not measured. */
  hours: Float64Array;
}

export interface HeatMapOptions extends ChartText {
  unit: Unit;
  /** Ascending; a day without data is there as a row of gaps. */
  days: readonly DayHours[];
  /** Value of the last colour; default what the data needs. 100 for shares, so that charts compare at a glance. */
  high?: number;
  /** Whose hours these are, for example "UTC". */
  zoneText: string;
}

/** Of the hours, and of a line below them that says whose they are. */
const axisHeight = 42;
/** Of a row whose cells stand apart. */
const leastApart = 8;
/** Of a label's line; of many days only some have a label. */
const labelHeight = 14;

/** Hours of the day from left to right, a row a day: what repeats daily stands in a column. */
export function heatMapChart(options: HeatMapOptions): Chart {
  const { unit, days, zoneText } = options;
  const rows = days.map(({ dayS, hours }) => ({ label: dayLabel(dayS), values: hours }));
  const most = rows.reduce((high, { values }) => Math.max(high, highest(values)), 0);
  const levels = levelsUpTo(unit, options.high ?? most);
  const rowHeight = Math.max(2, Math.min(26, Math.floor(420 / days.length)));
  return cellsChart({
    ...options,
    rows,
    levels,
    rowHeight,
    axis: hourAxis(zoneText),
    axisHeight,
    rowTexts: dayTexts(days, rowHeight),
    // Of months, hours of like colour are one mark: a tenth of the bytes.
    apart: rowHeight >= leastApart,
  });
}

function hourAxis(title: string): CellsOptions["axis"] {
  return {
    kind: "clock",
    from: 0,
    length: 24,
    start: 0,
    step: 3600,
    unitText: "",
    ticks: hourTicks(),
    title,
  };
}

function dayTexts(days: readonly DayHours[], rowHeight: number): Markup {
  const every = Math.ceil(labelHeight / rowHeight);
  let monthShown = -1;
  const texts = days.map(({ dayS }, index) => {
    if (index % every !== 0) return null;
    const day = new Date(dayS * 1000);
    const begins = day.getUTCMonth() !== monthShown;
    monthShown = day.getUTCMonth();
    const y = cellsTop + index * rowHeight + rowHeight / 2 + 4;
    return begins
      ? svg`<text x="-8" y="${y}" font-weight="600">${day.getUTCDate()} ${monthName(day)}</text>`
      : svg`<text x="-8" y="${y}">${weekday(day)} ${day.getUTCDate()}</text>`;
  });
  return svg`<g text-anchor="end" fill="${paint("label")}">${texts}</g>`;
}

function dayLabel(dayS: number): string {
  const day = new Date(dayS * 1000);
  return `${weekday(day)} ${day.getUTCDate()} ${monthName(day)}`;
}

function weekday(day: Date): string {
  return ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][day.getUTCDay()] ?? "";
}

function highest(values: Float64Array): number {
  return values.reduce((most, value) => (value > most ? value : most), 0);
}
