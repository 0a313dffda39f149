// Which part of the time is wanted: --from and --to.
import { parseDuration } from "../duration.ts";
import { parseLocalS, type TimeZone } from "../import/time-zone.ts";

/** A border of the window, as it was given. */
export type TimeBound =
  | { kind: "unix"; unixS: number }
  /** A date and a time in the user's zone, as if they were UTC. */
  | { kind: "local"; localS: number }
  /** A time of day in the user's zone. */
  | { kind: "clock"; secondOfDay: number }
  /** Seconds before the end of what was measured. */
  | { kind: "beforeEnd"; seconds: number };

/** Unix seconds, both included. */
export interface TimeWindow {
  fromS: number;
  toS: number;
}

export const allTime: TimeWindow = {
  fromS: Number.NEGATIVE_INFINITY,
  toS: Number.POSITIVE_INFINITY,
};

export function isInWindow({ fromS, toS }: TimeWindow, timestampS: number): boolean {
  return timestampS >= fromS && timestampS <= toS;
}

const dayS = 86_400;

/** Null where the text is no time. */
export function parseTimeBound(text: string): TimeBound | null {
  if (/^\d{9,12}$/.test(text)) return { kind: "unix", unixS: Number(text) };
  if (text.startsWith("-")) {
    const durationMs = parseDuration(text.slice(1));
    return durationMs === null ? null : { kind: "beforeEnd", seconds: durationMs / 1000 };
  }
  const clock = /^(\d\d):(\d\d)(?::(\d\d))?$/.exec(text);
  if (clock !== null) {
    const [hour, minute, second] = [clock[1], clock[2], clock[3] ?? "0"].map(Number);
    const secondOfDay = parseLocalS([1970, 1, 1], [hour ?? 0, minute ?? 0, second ?? 0]);
    return secondOfDay === null ? null : { kind: "clock", secondOfDay };
  }
  const time =
    /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/i.exec(text);
  if (time === null) return null;
  const [, year, month, day, hour, minute, second = "0", zone] = time;
  const localS = parseLocalS(
    [Number(year), Number(month), Number(day)],
    [Number(hour), Number(minute), Number(second)],
  );
  if (localS === null) return null;
  if (zone === undefined) return { kind: "local", localS };
  return { kind: "unix", unixS: localS - parseOffsetS(zone) };
}

function parseOffsetS(zone: string): number {
  if (/^z$/i.test(zone)) return 0;
  const [hours = 0, minutes = 0] = zone.slice(1).split(":").map(Number);
  return (zone.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/**
 * The window for measurements from `startS` to `endS`. A time of day is one of the first day, as sar -s and -e take it, and for
 * `to` the first such time behind `from`, where there is one: from 23:00 to 01:00 passes midnight.
 */
export function resolveWindow(
  { from, to }: { from: TimeBound | null; to: TimeBound | null },
  { startS, endS, timeZone }: { startS: number; endS: number; timeZone: TimeZone },
): TimeWindow {
  const resolve = (bound: TimeBound, behindS: number): number => {
    switch (bound.kind) {
      case "unix":
        return bound.unixS;
      case "local":
        return timeZone.toUnixS(bound.localS);
      case "beforeEnd":
        return endS - bound.seconds;
      case "clock":
        return findClock(bound.secondOfDay, { behindS, timeZone });
    }
  };
  // Just before the first day, so that its midnight is behind that.
  const beforeS = findMidnight(startS, timeZone) - 1;
  const fromS = from === null ? allTime.fromS : resolve(from, beforeS);
  const toS = to === null ? allTime.toS : resolve(to, from === null ? beforeS : fromS);
  return { fromS, toS };
}

/** The first time behind `behindS` at which a clock of the zone shows that time of day. */
function findClock(
  secondOfDay: number,
  { behindS, timeZone }: { behindS: number; timeZone: TimeZone },
): number {
  let midnightS = Math.floor(behindS / dayS - 2) * dayS;
  for (;;) {
    const atS = timeZone.toUnixS(midnightS + secondOfDay);
    if (atS > behindS) return atS;
    midnightS += dayS;
  }
}

/** When the day began that a clock of the zone shows at `atS`. */
function findMidnight(atS: number, timeZone: TimeZone): number {
  let midnightS = Math.floor(atS / dayS + 2) * dayS;
  for (;;) {
    const beganS = timeZone.toUnixS(midnightS);
    if (beganS <= atS) return beganS;
    midnightS -= dayS;
  }
}
