// When people work: hours of the week in the reader's time zone.
import type { TimeZone } from "../time-zone.ts";

export interface BusinessHours {
  /** As it was set: "Mon-Fri 08:00-18:00". */
  text: string;
  /** Monday first. */
  days: readonly boolean[];
  /** Minutes of the day; the end is exclusive and may be 1,440. */
  fromMinute: number;
  toMinute: number;
}

/** business: within the business hours. night: outside of them on a business day. weekend: a day without any. */
export const periods = ["business", "night", "weekend"] as const;
export type Period = (typeof periods)[number];

const dayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const fullDayNames = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
export const dayMinutes = 1440;
const weekMinutes = 7 * dayMinutes;

/** Minute of the week, 0 for Monday 00:00, of a Unix time in seconds, on the reader's clock. */
export function minuteOfWeek(timeS: number, zone: TimeZone): number {
  const minute = Math.floor((timeS + zone.offsetAt(timeS)) / 60);
  // 1 January 1970 was a Thursday.
  return (minute + 3 * dayMinutes) % weekMinutes;
}

/** "Mon-Fri 08:00-18:00", "Mon-Sat 7-19", "Mon,Wed,Fri 09:30-17:00". Throws a RangeError that says what is wrong. */
export function parseBusinessHours(text: string): BusinessHours {
  const [, dayText = "", fromText = "", toText = ""] =
    /^\s*([A-Za-z,-]+)\s+([\d:]+)\s*-\s*([\d:]+)\s*$/.exec(text) ?? [];
  const days = dayNames.map(() => false);
  for (const part of dayText.split(",")) {
    const [first = -1, last = first, ...more] = part.split("-").map((name) => indexOfDay(name));
    if (first < 0 || last < 0 || more.length > 0) throw unusable(text);
    for (let day = first; ; day = (day + 1) % 7) {
      days[day] = true;
      if (day === last) break;
    }
  }
  const [fromMinute, toMinute] = [minuteOf(fromText), minuteOf(toText)];
  if (!(fromMinute < toMinute && toMinute <= dayMinutes)) throw unusable(text);
  return { text: text.trim(), days, fromMinute, toMinute };
}

/** −1 where it is no day, in full or by its first three letters. */
function indexOfDay(name: string): number {
  const wanted = name.toLowerCase();
  return wanted.length < 3 ? -1 : fullDayNames.findIndex((day) => day.startsWith(wanted));
}

/** NaN where it is no time of the day. */
function minuteOf(text: string): number {
  const [, hour, minute = "0"] = /^(\d{1,2})(?::(\d{2}))?$/.exec(text) ?? [];
  return hour === undefined || Number(minute) > 59 ? NaN : 60 * Number(hour) + Number(minute);
}

function unusable(text: string): RangeError {
  return new RangeError(
    `Cannot use business hours "${text}": write days and hours like "Mon-Fri 08:00-18:00"`,
  );
}

export function periodAt(
  weekMinute: number,
  { days, fromMinute, toMinute }: BusinessHours,
): Period {
  if (days[Math.floor(weekMinute / dayMinutes)] !== true) return "weekend";
  const minute = weekMinute % dayMinutes;
  return minute >= fromMinute && minute < toMinute ? "business" : "night";
}

/** "02:05"; a part of a minute is rounded. */
export function formatMinuteOfDay(minute: number): string {
  const whole = Math.round(minute);
  const [hours, minutes] = [Math.floor(whole / 60) % 24, whole % 60];
  return `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}
