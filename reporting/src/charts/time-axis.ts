import { scaleUtc } from "d3-scale";
import { monthName, two } from "../format.ts";

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

/** Five to thirteen ticks at round times in UTC, for spans of seconds as of years. */
export function timeTicks(startS: number, endS: number): TimeTick[] {
  // Texts with seconds are longer.
  const wanted = endS - startS < 600 ? 5 : 8;
  const dates = scaleUtc([new Date(startS * 1000), new Date(endS * 1000)], [0, 1]).ticks(wanted);
  const times = dates.map((date) => date.getTime() / 1000).filter(Number.isInteger);
  // Of a single tick, the span tells how fine it is.
  const stepS = Math.min(
    endS - startS,
    ...times.slice(1).map((time, index) => time - (times[index] ?? NaN)),
  );
  const everyNth = times.length > 9 ? 3 : 2;
  let dateBefore = "";
  return times.map((timeS, index) => {
    const time = new Date(timeS * 1000);
    const date = `${time.getUTCDate()} ${monthName(time)}`;
    const dateText = stepS < dayS && date !== dateBefore ? date : "";
    dateBefore = date;
    return { timeS, text: tickText(time, stepS), dateText, minor: index % everyNth !== 0 };
  });
}

function tickText(time: Date, stepS: number): string {
  if (stepS >= 28 * dayS) return `${monthName(time)} ${time.getUTCFullYear()}`;
  if (stepS >= dayS) return `${time.getUTCDate()} ${monthName(time)}`;
  const clock = `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}`;
  return stepS >= 60 ? clock : `${clock}:${two(time.getUTCSeconds())}`;
}
