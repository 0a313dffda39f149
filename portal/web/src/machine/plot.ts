// The canvas: uPlot has its axes, cursor and zoom; what is drawn are the paths of a Drawing.
import { fillOpacity, lineWidth } from "@perfanalysis/reporting/charts/frame";
import { pathHeight } from "@perfanalysis/reporting/charts/path";
import { timeTicks } from "@perfanalysis/reporting/charts/time-axis";
import type UPlot from "uplot";
import type { Times } from "../ui/times.ts";
import type { Drawing, DrawnMark } from "./drawing.ts";
import { lineColour, type Palette } from "./palette.ts";
import type { Span } from "./time-range.ts";

export interface PlotOptions {
  drawing: Drawing;
  palette: Palette;
  times: Times;
  width: number;
  /** Read anew each time that something is drawn; its drawing has the structure of `drawing`. */
  view: () => { span: Span; drawing: Drawing };
  onCursor: (timeS: number | null) => void;
  onZoom: (span: Span) => void;
}

export const plotHeight = 190;
/** Left and right of the plot, in CSS pixels: there stand the values' labels, and half a label with seconds. */
const besidePlot = { left: 68, right: 26 };
/** CSS pixels: about what a letter of a label takes, and what stays free between two labels. */
const letterWidth = 6.5;
const labelGap = 16;

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

/** Of values, uPlot needs to know where a cursor's points stand. */
export function toPlotData({ timesS, marks }: Drawing): UPlot.AlignedData {
  return [
    timesS,
    ...marks.map(({ values }) =>
      timesS.map((_, index) => {
        const value = values?.[index] ?? NaN;
        return Number.isNaN(value) ? null : value;
      }),
    ),
  ];
}

/** Drawings of the same structure can be shown by the same plot. */
export function plotStructure({ marks }: Drawing): string {
  return JSON.stringify(marks.map(({ colour, shape }) => [colour, shape]));
}

export function toPlotOptions({
  drawing,
  palette,
  times,
  width,
  view,
  onCursor,
  onZoom,
}: PlotOptions): UPlot.Options {
  const axis = { stroke: palette.text, font: '11px "Inter Variable", system-ui, sans-serif' };
  return {
    width,
    height: plotHeight,
    padding: [10, besidePlot.right, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false },
      points: { size: 7 },
    },
    scales: {
      x: { time: true, range: () => [view().span.fromS, view().span.toS] },
      y: {
        range: () => {
          const { low, high } = view().drawing.axis.range;
          return [low, high];
        },
      },
    },
    axes: [
      {
        ...axis,
        // A second line only where the day changes.
        size: (_, labels) => (labels?.some((label) => label.includes("\n")) ? 41 : 27),
        gap: 3,
        grid: { show: false },
        ticks: { stroke: palette.axis, width: 1, size: 5 },
        border: { show: true, stroke: palette.axis, width: 1 },
        splits: (plot) => [...timeLabels(view().span, plot.width, times).keys()],
        values: (plot, splits) => {
          const labels = timeLabels(view().span, plot.width, times);
          return splits.map((timeS) => labels.get(timeS) ?? "");
        },
      },
      {
        ...axis,
        size: besidePlot.left,
        grid: { stroke: palette.grid, width: 1 },
        ticks: { show: false },
        splits: () => view().drawing.axis.ticks.map(({ value }) => value),
        values: () => {
          const { ticks, unitText } = view().drawing.axis;
          return ticks.map(({ text }) => `${text} ${unitText}`.trim());
        },
      },
    ],
    series: [
      {},
      ...drawing.marks.map((mark, index) =>
        toPlotSeries(mark, palette, (plot) => {
          const shown = view().drawing;
          return toCanvasPath(plot, shown, shown.marks[index]?.path ?? "");
        }),
      ),
    ],
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
  { colour, shape }: DrawnMark,
  palette: Palette,
  toPath: (plot: UPlot) => Path2D,
): UPlot.Series {
  const color = lineColour(palette, colour);
  const isFilled = shape === "band" || shape === "area";
  return {
    points: { show: false },
    pxAlign: 0,
    cap: "round",
    stroke: shape === "peak" ? transparent(color, 0.45) : color,
    width: isFilled ? 0 : shape === "peak" ? 1 : lineWidth,
    ...(isFilled ? { fill: transparent(color, fillOpacity[shape]) } : {}),
    paths: (plot) => {
      const path = toPath(plot);
      return { stroke: isFilled ? null : path, fill: isFilled ? path : null, flags: 0 };
    },
  };
}

/** A path of the report where the plot's axes have its buckets and values. */
function toCanvasPath(plot: UPlot, { timesS, bucketS, axis }: Drawing, path: string): Path2D {
  const [firstS = 0] = timesS;
  const left = plot.valToPos(firstS, "x", true);
  const top = plot.valToPos(axis.range.high, "y", true);
  const unitWidth = plot.valToPos(firstS + bucketS, "x", true) - left;
  const height = plot.valToPos(axis.range.low, "y", true) - top;
  const scaled = new Path2D();
  scaled.addPath(new Path2D(path), { a: unitWidth, d: height / pathHeight, e: left, f: top });
  return scaled;
}

/** Texts by their times; where a picture of `width` has no room for all, those that the report leaves out on a phone. Dates only where there are several. */
function timeLabels({ fromS, toS }: Span, width: number, times: Times): Map<number, string> {
  const ticks = timeTicks(fromS, toS, times.clocks);
  const isSeveral = ticks.filter(({ dateText }) => dateText !== "").length > 1;
  const letters = Math.max(0, ...ticks.map(({ text }) => text.length));
  const room = width - besidePlot.left - besidePlot.right;
  const hasRoom = room >= ticks.length * (letters * letterWidth + labelGap);
  return new Map(
    ticks
      .filter(({ minor }) => !minor || hasRoom)
      .map(({ timeS, text, dateText }) => [
        timeS,
        isSeveral && dateText !== "" ? `${text}\n${dateText}` : text,
      ]),
  );
}

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
