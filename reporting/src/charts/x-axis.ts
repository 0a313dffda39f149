// What runs from left to right: time, time since a start, hours of a day, or values.
import type { Unit } from "@perfanalysis/contract/metrics";
import { formatDuration, two } from "../format.ts";
import { utc, type TimeZone } from "../time-zone.ts";
import { fitTicks, leastNarrow, leastWide } from "./fit-ticks.ts";
import type { TimeSpan } from "./frame.ts";
import type { Range } from "./path.ts";
import { timeTicks } from "./time-axis.ts";
import { valueAxis } from "./value-axis.ts";

export interface XTick {
  /** Share of the plot's width. */
  share: number;
  text: string;
  /** Below the first; "" for none. */
  secondText: string;
  /** Left out where a chart is narrow. */
  minor: boolean;
}

export interface XAxis {
  kind: "time" | "elapsed" | "clock" | "bin" | "value";
  /** Left edge and width of the plot in the paths' units. */
  from: number;
  length: number;
  /** What the unit 0 stands for, and how much lies between two units: seconds, or values in `unitText`. */
  start: number;
  step: number;
  unitText: string;
  ticks: XTick[];
  /** Says what the ticks are where they do not say it themselves; "" for none. */
  title: string;
}

/** Buckets of time lie half a unit to both sides of their place. */
export function timeXAxis({ startS, bucketS, length }: TimeSpan, zone: TimeZone = utc): XAxis {
  const lengthS = bucketS * length;
  const ticks = timeTicks(startS, startS + lengthS, zone).map(
    ({ timeS, text, dateText, minor }) => ({
      share: (timeS - startS) / lengthS,
      text,
      secondText: dateText,
      minor,
    }),
  );
  return { ...bucketAxis({ bucketS, length }), kind: "time", start: startS, ticks, title: "" };
}

const dayS = 86_400;

/** Times of the day, whichever day it is: `startS` are seconds of it. */
export function clockXAxis({ startS, bucketS, length }: TimeSpan, title: string): XAxis {
  const lengthS = bucketS * length;
  const ticks = startS === 0 && lengthS === dayS ? hourTicks() : clockTicks(startS, lengthS);
  return { ...bucketAxis({ bucketS, length }), kind: "clock", start: startS, ticks, title };
}

/** Beyond midnight hours begin anew; at the end of the axis midnight is that of the day before. */
function clockTicks(startS: number, lengthS: number): XTick[] {
  return timeTicks(startS, startS + lengthS).map(({ timeS, text, minor }) => ({
    share: (timeS - startS) / lengthS,
    text: timeS === dayS && startS + lengthS === dayS ? "24:00" : text,
    secondText: "",
    minor,
  }));
}

/** Every third hour at the edges of a plot that is a day wide. */
export function hourTicks(): XTick[] {
  return [0, 3, 6, 9, 12, 15, 18, 21, 24].map((hour) => ({
    share: hour / 24,
    text: `${two(hour)}:00`,
    secondText: "",
    minor: hour % 6 !== 0,
  }));
}

/** Lengths at which people count time from a start. */
const roundStepsS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
  172_800, 604_800, 1_209_600, 2_419_200, 4_838_400, 9_676_800, 19_353_600,
];

const mostElapsed = 8;

/** Time since an event, such as a capture's start: `startS` is when the axis begins, below 0 before the event. */
export function elapsedXAxis({ startS, bucketS, length }: TimeSpan, title: string): XAxis {
  const lengthS = bucketS * length;
  const ticksEvery = (stepS: number): Omit<XTick, "minor">[] => {
    const first = Math.ceil(startS / stepS);
    const count = Math.floor((startS + lengthS) / stepS) - first + 1;
    return Array.from({ length: count }, (_, index) => {
      const timeS = (first + index) * stepS;
      return { share: (timeS - startS) / lengthS, text: formatSince(timeS), secondText: "" };
    });
  };
  const fits = (stepS: number, width: number): boolean => fitTicks(ticksEvery(stepS), width);
  const least = lengthS / mostElapsed;
  const stepS = roundStepsS.find((step) => step >= least && fits(step, leastWide)) ?? lengthS;
  const everyNth = [1, 2, 3, 4, mostElapsed].find((n) => fits(n * stepS, leastNarrow));
  const narrow = new Set(ticksEvery((everyNth ?? 1) * stepS).map(({ text }) => text));
  const ticks = ticksEvery(stepS).map((tick) => ({ ...tick, minor: !narrow.has(tick.text) }));
  return { ...bucketAxis({ bucketS, length }), kind: "elapsed", start: startS, ticks, title };
}

function formatSince(timeS: number): string {
  if (timeS === 0) return "0";
  return timeS < 0 ? `−${formatDuration(-timeS)}` : formatDuration(timeS);
}

function bucketAxis({
  bucketS,
  length,
}: Pick<TimeSpan, "bucketS" | "length">): Pick<XAxis, "from" | "length" | "step" | "unitText"> {
  return { from: -0.5, length, step: bucketS, unitText: "" };
}

/** Values of one unit; `length` is the number of path units, from `low` to `high`. */
export function valueXAxis(
  unit: Unit,
  { low, high, length, kind }: Range & { length: number; kind: "bin" | "value" },
): XAxis {
  const { ticks, unitText, divisor } = valueAxis(unit, { low, high });
  const shown = ticks.filter(({ value }) => value >= low && value <= high);
  return {
    kind,
    from: 0,
    length,
    start: low / divisor,
    step: (high - low) / length / divisor,
    unitText,
    ticks: shown.map(({ value, text }, index) => ({
      share: (value - low) / (high - low),
      text,
      secondText: "",
      minor: shown.length > 6 && index % 2 === 1,
    })),
    title: unitText,
  };
}
