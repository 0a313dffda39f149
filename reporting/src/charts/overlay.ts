import type { Unit } from "@perfanalysis/contract/metrics";
import { dashArrays, frame, type Chart, type ChartText, type Dash, type Mark } from "./frame.ts";
import type { Color } from "./palette.ts";
import { linePath } from "./path.ts";
import { largest } from "./time-series.ts";
import { percentAxis, valueAxis } from "./value-axis.ts";
import { clockXAxis, elapsedXAxis } from "./x-axis.ts";

export interface OverlaySeries {
  label: string;
  /** A mean a bucket of the common axis; NaN is a gap, also where the series is shorter than the axis. */
  means: Float64Array;
}

export interface OverlayOptions extends ChartText {
  unit: Unit;
  /** elapsed: since each one's start or marker. clock: by time of day. */
  align: "elapsed" | "clock";
  /**
   * Where the axis begins: of a clock, seconds of the day; else seconds since the start or marker, below 0 where the marker lies within
   * the axis, which then has a line there. Default 0.
   */
  startS?: number;
  bucketS: number;
  /** Number of buckets. */
  length: number;
  /** Where the axis starts, for example "since the start", or whose hours these are. */
  axisTitle: string;
  /** The first is what the others are compared with. At most eight are told apart. */
  series: readonly OverlaySeries[];
  wholePercent?: boolean;
}

/** Neighbours differ in colour and dashes, so that they are told apart without colours too. */
const looks: [color: Color, dash: Dash][] = [
  ["blue", "solid"],
  ["orange", "dashed"],
  ["green", "dotted"],
  ["purple", "solid"],
  ["vermilion", "dashed"],
  ["sky", "dotted"],
  ["yellow", "solid"],
  ["grey", "dashed"],
];

/** So many series can be told apart. */
export const mostOverlaid = looks.length;

/** Captures or machines upon each other on one axis. Throws a RangeError for more than it can tell apart. */
export function overlayChart(options: OverlayOptions): Chart {
  const {
    unit,
    align,
    startS = 0,
    bucketS,
    length,
    axisTitle,
    series,
    wholePercent = false,
  } = options;
  const high = Math.max(0, ...series.map(({ means }) => largest(means)));
  const axis = wholePercent ? percentAxis() : valueAxis(unit, { low: 0, high });
  const marks = series.map(({ label, means }, index): Mark => {
    return { label, ...lookOf(index), shape: "line", path: linePath(means, axis.range) };
  });
  const x =
    align === "clock"
      ? clockXAxis({ startS, bucketS, length }, axisTitle)
      : elapsedXAxis({ startS, bucketS, length }, axisTitle);
  // Buckets lie half a unit to both sides of their place.
  const event = startS < 0 ? -startS / bucketS - 0.5 : null;
  return {
    svg: frame(options, { x, axis, marks: marks.toReversed(), event }),
    legend: marks.map(({ label, color, shape, dash = "solid" }) => ({
      label,
      color,
      shape,
      marks: label,
      ...(dashArrays[dash] === null ? {} : { dash }),
    })),
  };
}

/** The look of the n-th of several like series. */
export function lookOf(index: number): { color: Color; dash: Dash } {
  const look = looks[index];
  if (look === undefined) {
    throw new RangeError(`Cannot draw series ${index + 1}: ${mostOverlaid} are told apart`);
  }
  return { color: look[0], dash: look[1] };
}
