const maxTimeS = 253_402_300_799;
const rfc3339 =
  /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2}))?$/;

/**
 * Unix seconds of an RFC 3339 time, of a date's beginning in UTC, or of Unix seconds as text; null where it is none of these.
 * Fractions are rounded up: with whole-second samples, ranges between such times mean the same.
 */
export function parseTime(text: string): number | null {
  if (/^\d{1,12}$/.test(text)) return Number(text) > maxTimeS ? null : Number(text);
  if (!rfc3339.test(text)) return null;
  const timeMs = Date.parse(text.toUpperCase().replace(" ", "T"));
  // Date.parse() takes 31 February for 3 March.
  const day = Number(text.slice(8, 10));
  const daysInMonth = new Date(
    Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0),
  ).getUTCDate();
  if (Number.isNaN(timeMs) || day > daysInMonth || timeMs < 0) return null;
  return Math.ceil(timeMs / 1000);
}

/** RFC 3339 in UTC. */
export function toTime(timeS: number): string {
  return new Date(timeS * 1000).toISOString().replace(".000Z", "Z");
}
