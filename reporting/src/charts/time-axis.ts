import { scaleUtc } from "d3-scale";
import { monthName, two } from "../format.ts";
import { utc, type TimeZone } from "../time-zone.ts";
import { fitTicks, leastNarrow, leastWide } from "./fit-ticks.ts";

export interface TimeTick {
  /** Unix seconds. */
  timeS: number;
  /** "06:05", or the date where days or months are told apart. */
  text: string;
  /** The date below the text, where it begins; "" elsewhere. */
  dateText: string;
  /** Left out where a chart is narrow. */
  minor: boolean;
}

const dayS = 86_400;

/** Up to thirteen ticks at round times of a zone's clocks, for spans of seconds as of years, whose texts have room. */
export function timeTicks(startS: number, endS: number, zone: TimeZone = utc): TimeTick[] {
  const all = roundTimes(startS, endS, zone);
  const distances = all.slice(1).map(({ timeS }, index) => timeS - (all[index]?.timeS ?? NaN));
  // Of a single tick, the span tells how fine it is.
  const stepS = Math.min(endS - startS, ...distances);
  // Every other day begins anew with a month: the first is told, not the last of the month before.
  const usualS = distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 0;
  const even = all.filter((_, index) => (distances[index] ?? Infinity) > 0.6 * usualS);
  const label = (times: readonly RoundTime[]): Omit<TimeTick, "minor">[] => withDates(times, stepS);
  const fits = (times: readonly RoundTime[], width: number): boolean =>
    fitTicks(
      label(times).map(({ timeS, text, dateText }) => {
        return { share: (timeS - startS) / (endS - startS), text, secondText: dateText };
      }),
      width,
    );
  const wide = thin(even, stepS, (times) => fits(times, leastWide));
  const narrow = new Set(
    thin(wide, stepS, (times) => fits(times, leastNarrow)).map(({ timeS }) => timeS),
  );
  return label(wide).map((tick) => ({ ...tick, minor: !narrow.has(tick.timeS) }));
}

interface RoundTime {
  timeS: number;
  /** What a clock shows then, as seconds since 1970 began on it. */
  clockS: number;
}

/** Lengths at which people divide a day. */
const roundStepsS = [
  1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200,
  86_400,
];

/** Every second, third … of them, as few as it takes to fit: below a day those at round times, so that midnight stays where there is one. */
function thin(
  times: readonly RoundTime[],
  stepS: number,
  fits: (times: readonly RoundTime[]) => boolean,
): readonly RoundTime[] {
  const midnight = times.findIndex(({ clockS }) => clockS % dayS === 0);
  const first = stepS < dayS ? Math.max(0, midnight) : 0;
  const everyNth = Array.from(times.keys(), (index) => index + 1).filter(
    (n) => stepS >= dayS || !roundStepsS.includes(stepS) || roundStepsS.includes(n * stepS),
  );
  const tries = everyNth.map((n) => times.filter((_, index) => (index - first) % n === 0));
  return tries.find(fits) ?? tries.at(-1) ?? times;
}

/** With the date where it begins, unless the texts are dates. */
function withDates(times: readonly RoundTime[], stepS: number): Omit<TimeTick, "minor">[] {
  let dateBefore = "";
  return times.map(({ timeS, clockS }) => {
    const time = new Date(clockS * 1000);
    const date = `${time.getUTCDate()} ${monthName(time)}`;
    const dateText = stepS < dayS && date !== dateBefore ? date : "";
    dateBefore = date;
    return { timeS, text: tickText(time, stepS), dateText };
  });
}

function roundTimes(startS: number, endS: number, zone: TimeZone): RoundTime[] {
  const startOffsetS = zone.offsetAt(startS);
  const toDate = (timeS: number): Date => new Date((timeS + zone.offsetAt(timeS)) * 1000);
  // Texts with seconds are longer.
  const wanted = endS - startS < 600 ? 5 : 8;
  return scaleUtc([toDate(startS), toDate(endS)], [0, 1])
    .ticks(wanted)
    .map((date) => {
      const clockS = date.getTime() / 1000;
      return { timeS: clockS - zone.offsetAt(clockS - startOffsetS), clockS };
    })
    .filter(
      // Clocks that are put forward leave times out.
      ({ timeS, clockS }) => Number.isInteger(timeS) && timeS + zone.offsetAt(timeS) === clockS,
    );
}

function tickText(time: Date, stepS: number): string {
  if (stepS >= 28 * dayS) return `${monthName(time)} ${time.getUTCFullYear()}`;
  if (stepS >= dayS) return `${time.getUTCDate()} ${monthName(time)}`;
  const clock = `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}`;
  return stepS >= 60 ? clock : `${clock}:${two(time.getUTCSeconds())}`;
}
