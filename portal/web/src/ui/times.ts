import { findTimeZone, type TimeZone } from "@perfanalysis/reporting/time-zone";

// A fixed locale: browsers report ones like "en-US@posix" that Intl refuses.
const locale = "en-GB";

export interface Times {
  /** IANA name, for example `Europe/Berlin`. */
  zone: string;
  /** That zone's clocks, for round times on them. */
  clocks: TimeZone;
  /** `13:04:05` */
  clock: (timeS: number) => string;
  /** `23 Nov 2026, 13:04:05` */
  full: (timeS: number) => string;
  /** `Europe/Berlin (UTC+1)`: what times on the page are shown in. */
  zoneLabel: (timeS: number) => string;
}

/** Renders times in `zone`; default: the reader's. */
export function createTimes(
  zone = new Intl.DateTimeFormat(locale).resolvedOptions().timeZone,
): Times {
  const formatter = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
    return (timeS: number) => format.format(timeS * 1000);
  };
  const clock = formatter({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const date = formatter({ day: "numeric", month: "short", year: "numeric" });
  const named = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: "shortOffset" });
  const offset = (timeS: number) =>
    (
      named.formatToParts(timeS * 1000).find(({ type }) => type === "timeZoneName")?.value ?? "UTC"
    ).replace("GMT", "UTC");
  return {
    zone,
    clocks: findTimeZone(zone),
    clock,
    full: (timeS) => `${date(timeS)}, ${clock(timeS)}`,
    zoneLabel: (timeS) => (zone === "UTC" ? "UTC" : `${zone} (${offset(timeS)})`),
  };
}

/** The portal's RFC 3339 times as Unix seconds; throws where the text is none. */
export function parseTime(text: string): number {
  const timeMs = Date.parse(text);
  if (Number.isNaN(timeMs)) throw new RangeError(`Cannot read the time "${text}"`);
  return timeMs / 1000;
}

/** `2026-11-23 12:04:05 UTC` */
export function renderUtc(timeS: number): string {
  return `${new Date(timeS * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** Samples of a live machine are at most this old when they arrive here. */
const liveS = 15;

/** `live`, `42 s ago`, `3 min ago`, `2 h ago`, `5 days ago`. */
export function renderAge(ageS: number): string {
  if (isLive(ageS)) return "live";
  if (ageS < 60) return `${Math.floor(ageS)} s ago`;
  if (ageS < 3_600) return `${Math.floor(ageS / 60)} min ago`;
  if (ageS < 2 * 86_400) return `${Math.floor(ageS / 3_600)} h ago`;
  return `${Math.floor(ageS / 86_400)} days ago`;
}

/** A time in the future is this computer's clock being behind, not the machine being away. */
export function isLive(ageS: number): boolean {
  return ageS < liveS;
}

/** `45 s`, `15 min`, `2 h 30 min`, `3 days 4 h`: the two largest units. */
export function renderDuration(durationS: number): string {
  const parts: string[] = [];
  let rest = Math.round(durationS);
  for (const [lengthS, one, many] of durationUnits) {
    const count = Math.floor(rest / lengthS);
    rest -= count * lengthS;
    if (count > 0) parts.push(`${count} ${count === 1 ? one : many}`);
    else if (parts.length > 0) break;
  }
  return parts.length === 0 ? "0 s" : parts.slice(0, 2).join(" ");
}

const durationUnits = [
  [86_400, "day", "days"],
  [3_600, "h", "h"],
  [60, "min", "min"],
  [1, "s", "s"],
] as const;
