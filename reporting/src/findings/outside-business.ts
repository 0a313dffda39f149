import { minuteOfWeek, periodAt } from "../capacity/calendar.ts";
import type { Span } from "../statistics/episodes.ts";
import { findTimeZone } from "../time-zone.ts";
import type { RuleContext } from "./finding.ts";

/** Seconds between two looks at the clock; nobody's working day is shorter. */
const stepS = 900;

/** Whether all of these times, of which there is one at least, lie outside of business hours. */
export function isOutsideBusiness(
  spans: readonly Span[],
  { profile: { hours, timeZone } }: RuleContext,
): boolean {
  const zone = findTimeZone(timeZone);
  const isFree = (timeS: number): boolean =>
    periodAt(minuteOfWeek(timeS, zone), hours) !== "business";
  return (
    spans.length > 0 &&
    spans.every(({ startS, endS }) => {
      for (let timeS = startS; timeS < endS; timeS += stepS) if (!isFree(timeS)) return false;
      return isFree(endS - 1);
    })
  );
}
