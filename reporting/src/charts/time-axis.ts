import { scaleUtc } from "d3-scale";
import { monthName, two } from "../format.ts";
import { utc, type TimeZone } from "../time-zone.ts";

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

/** Five to thirteen ticks at round times of a zone's clocks, for spans of seconds as of years. */
export function timeTicks(startS: number, endS: number, zone: TimeZone = utc): TimeTick[] {
  const ticks = roundTimes(startS, endS, zone);
  const times = ticks.map(({ timeS }) => timeS);
  // Of a single tick, the span tells how fine it is.
  const stepS = Math.min(
    endS - startS,
    ...times.slice(1).map((time, index) => time - (times[index] ?? NaN)),
  );
  const everyNth = times.length > 9 ? 3 : 2;
  let dateBefore = "";
  return ticks.map(({ timeS, clockS }, index) => {
    const time = new Date(clockS * 1000);
    const date = `${time.getUTCDate()} ${monthName(time)}`;
    const dateText = stepS < dayS && date !== dateBefore ? date : "";
    dateBefore = date;
    return { timeS, text: tickText(time, stepS), dateText, minor: index % everyNth !== 0 };
  });
}

/** Round times with what a clock shows then, as seconds since 1970 began on it. */
function roundTimes(
  startS: number,
  endS: number,
  zone: TimeZone,
): { timeS: number; clockS: number }[] {
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
