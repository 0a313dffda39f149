// Local times of files that do not say which zone they are of.

/** A time zone: an offset such as +02:00, or a name of the IANA database. */
export interface TimeZone {
  name: string;
  /**
   * Unix seconds of a local time, given as if it were UTC. Of the two times that an hour has when clocks are set back, the
   * first one behind `afterS`.
   */
  toUnixS(localS: number, afterS?: number): number;
}

export const utc: TimeZone = { name: "UTC", toUnixS: (localS) => localS };

/** Null where the text names no zone. */
export function parseTimeZone(text: string): TimeZone | null {
  const offset = /^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?$/.exec(text);
  if (offset !== null) {
    const [, sign, hours, minutes = "0"] = offset;
    const shiftS = (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
    return { name: text, toUnixS: (localS) => localS - shiftS };
  }
  if (text === "UTC" || text === "GMT" || text === "Z") return utc;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: text,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
  return {
    name: text,
    toUnixS(localS, afterS = Number.NEGATIVE_INFINITY) {
      // The offset is one of those that hold a day before and a day behind.
      const shifts = [localS - dayS, localS + dayS].map((at) => readLocalS(format, at) - at);
      const candidates = shifts.map((shiftS) => localS - shiftS);
      const exact = candidates.filter((at) => readLocalS(format, at) === localS);
      // A time that the clock jumped over counts by the offset from before.
      const times = exact.length === 0 ? candidates.slice(0, 1) : exact;
      const [earlier = Number.NaN, later = earlier] = times.toSorted((one, other) => one - other);
      return earlier > afterS ? earlier : later;
    },
  };
}

const dayS = 86_400;

/** What a clock of the zone shows, as if it were UTC. */
function readLocalS(format: Intl.DateTimeFormat, unixS: number): number {
  const parts = new Map(
    format.formatToParts(unixS * 1000).map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? Number.NaN;
  return toLocalS(
    [part("year"), part("month"), part("day")],
    [part("hour"), part("minute"), part("second")],
  );
}

/** A date and a time of day, as if they were UTC; null where there is no such time. */
export function parseLocalS(
  [year, month, day]: readonly [number, number, number],
  [hour, minute, second]: readonly [number, number, number],
): number | null {
  const inRange = hour < 24 && minute < 60 && second <= 60 && month >= 1 && day >= 1;
  const date = new Date(Date.UTC(year, month - 1, day));
  if (!inRange || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return toLocalS([year, month, day], [hour, minute, second]);
}

function toLocalS(
  [year, month, day]: readonly [number, number, number],
  [hour, minute, second]: readonly [number, number, number],
): number {
  return Date.UTC(year, month - 1, day, hour, minute, 0) / 1000 + second;
}
