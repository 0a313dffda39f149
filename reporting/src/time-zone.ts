// The reader's clock, beside UTC in which the report counts. Names are those of the IANA database.

export interface TimeZone {
  /** Such as Europe/Berlin. */
  name: string;
  /** Seconds by which its clocks are ahead of UTC at a time (Unix seconds). */
  offsetAt(timeS: number): number;
}

export const utc: TimeZone = { name: "UTC", offsetAt: () => 0 };

/** Throws a RangeError where there is no such zone. */
export function findTimeZone(name: string): TimeZone {
  if (name === "UTC") return utc;
  const format = formatOf(name);
  const known = new Map<number, number>();
  return {
    name,
    offsetAt(timeS) {
      // Offsets are whole quarters of an hour, and change at one.
      const quarter = Math.floor(timeS / quarterS);
      const offsetS = known.get(quarter) ?? readOffset(format, quarter * quarterS);
      known.set(quarter, offsetS);
      return offsetS;
    },
  };
}

const quarterS = 900;

function formatOf(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-GB", {
      timeZone: name,
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      hourCycle: "h23",
    });
  } catch (error) {
    throw new RangeError(
      `Cannot use the time zone "${name}": write a name such as Europe/Berlin, or UTC`,
      { cause: error },
    );
  }
}

function readOffset(format: Intl.DateTimeFormat, timeS: number): number {
  const parts = new Map(format.formatToParts(timeS * 1000).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const localMs = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
  );
  return localMs / 1000 - timeS;
}
