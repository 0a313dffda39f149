// The canvas: uPlot, told what to draw by a Drawing.
import type { Unit } from "@perfanalysis/contract/metrics";
import type UPlot from "uplot";
import { renderValue } from "../ui/format.ts";
import type { Times } from "../ui/times.ts";
import { listLonePoints } from "./chart-data.ts";
import type { Drawing, DrawnLine } from "./drawing.ts";
import { lineColour, type Palette } from "./palette.ts";
import type { Span } from "./time-range.ts";

export interface PlotOptions {
  drawing: Drawing;
  unit: Unit;
  palette: Palette;
  times: Times;
  width: number;
  /** Read anew with every drawing. */
  view: () => { span: Span; max: number | null };
  onCursor: (timeS: number | null) => void;
  onZoom: (span: Span) => void;
}

export const plotHeight = 190;
const stackAlpha = 0.8;

/** uPlot formats with the browser's language as it loads, and throws for one like `en-US@posix` that Intl refuses. */
export async function loadPlot(): Promise<typeof UPlot> {
  if (!isLanguage(navigator.language)) {
    Object.defineProperty(navigator, "language", { value: "en-GB", configurable: true });
  }
  const [{ default: plot }] = await Promise.all([
    import("uplot"),
    import("uplot/dist/uPlot.min.css"),
  ]);
  return plot;
}

export function toPlotData({ timesS, lines }: Drawing): UPlot.AlignedData {
  return [timesS, ...lines.map(({ values }) => values)];
}

/** Drawings of the same structure can be shown by the same plot. */
export function plotStructure({ lines, bands }: Drawing): string {
  return JSON.stringify([lines.map(({ colour, look }) => [colour, look]), bands]);
}

export function toPlotOptions({
  drawing,
  unit,
  palette,
  times,
  width,
  view,
  onCursor,
  onZoom,
}: PlotOptions): UPlot.Options {
  const axis = {
    stroke: palette.text,
    font: '11px "Inter Variable", system-ui, sans-serif',
    grid: { stroke: palette.grid, width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: plotHeight,
    // Half a label with seconds stands beside the plot.
    padding: [10, 26, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false },
      points: { size: 7 },
    },
    scales: {
      x: { time: true, range: () => [view().span.fromS, view().span.toS] },
      y: { range: (_, __, highest) => [0, view().max ?? scaleTop(highest, unit)] },
    },
    axes: [
      {
        ...axis,
        // A second line only where the day changes.
        size: (_, labels) => (labels?.some((label) => label.includes("\n")) ? 38 : 24),
        space: 80,
        values: (_, splits, __, ___, incrS) => timeLabels(splits, incrS, times),
      },
      {
        ...axis,
        size: 68,
        ...(unit === "bytes" ? { incrs: binaryIncrements } : {}),
        values: (_, splits) => splits.map((value) => renderValue(value, unit)),
      },
    ],
    series: [{}, ...drawing.lines.map((line, index) => toPlotSeries(line, palette, index === 0))],
    bands: drawing.bands.map(({ upper, lower, colour, look }) => ({
      series: [upper + 1, lower + 1],
      fill: transparent(lineColour(palette, colour), look === "range" ? 0.2 : stackAlpha),
    })),
    hooks: {
      setCursor: [
        (plot) => {
          // Only where a person moves it, not where another chart does.
          if (plot.cursor.event === undefined || plot.cursor.event === null) return;
          const index = plot.cursor.idx;
          onCursor(index === null || index === undefined ? null : (plot.data[0][index] ?? null));
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width: selected } = plot.select;
          if (selected < 4) return;
          const fromS = Math.floor(plot.posToVal(left, "x"));
          onZoom({ fromS, toS: Math.ceil(plot.posToVal(left + selected, "x")) });
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** Points the plot's cursor at a time, or nowhere. */
export function pointAt(plot: UPlot, timeS: number | null): void {
  const left = timeS === null ? -10 : plot.valToPos(timeS, "x");
  const isInside = left >= 0 && left <= plot.over.clientWidth;
  plot.setCursor({ left: isInside ? left : -10, top: isInside ? 0 : -10 }, false);
}

function toPlotSeries(
  { colour, look, values }: DrawnLine,
  palette: Palette,
  isLowest: boolean,
): UPlot.Series {
  const stroke = lineColour(palette, colour);
  const shared = { spanGaps: false, points: { show: false } };
  if (look === "edge") return { ...shared, width: 0, stroke: "transparent" };
  if (look === "peak") return { ...shared, stroke: transparent(stroke, 0.45), width: 1 };
  return {
    ...shared,
    stroke: look === "stacked" ? transparent(stroke, stackAlpha) : stroke,
    width: look === "stacked" ? 0 : 1.5,
    // Of a stack, bands fill what lies between two lines; below the lowest there is no other.
    ...(look === "stacked" && isLowest ? { fill: transparent(stroke, stackAlpha) } : {}),
    points: {
      show: values.length > 0,
      size: 6,
      fill: stroke,
      // Without these, a value between two gaps would be invisible.
      filter: (plot, index) => listLonePoints([...(plot.data[index] ?? [])]),
    },
  };
}

function scaleTop(highest: number | null, unit: Unit): number {
  if (highest === null || !(highest > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((each) => each * power >= highest * 1.02) ?? 10;
  // Shares end at 100; a container's CPU, in percent of one, may not.
  return unit === "percent" && highest <= 100 ? Math.min(100, step * power) : step * power;
}

/** Hours and minutes; the days where there are several, or where labels are days apart. Nothing between two seconds. */
function timeLabels(splits: readonly number[], incrementS: number, times: Times): string[] {
  const days = splits.map((timeS) => times.day(timeS));
  const isSeveral = days.at(0) !== days.at(-1);
  return splits.map((timeS, index) => {
    const day = days[index] ?? "";
    if (!Number.isInteger(timeS)) return "";
    if (incrementS >= 86_400) return day;
    const clock = incrementS < 60 ? times.clock(timeS) : times.shortClock(timeS);
    return isSeveral && days[index - 1] !== day ? `${clock}\n${day}` : clock;
  });
}

const binaryIncrements = Array.from({ length: 60 }, (_, power) => 2 ** power);

function transparent(hex: string, alpha: number): string {
  return `${hex}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, "0")}`;
}

function isLanguage(name: string): boolean {
  try {
    return Intl.getCanonicalLocales(name).length === 1;
  } catch {
    return false; // Intl throws for names that it does not take; uPlot would as well.
  }
}
