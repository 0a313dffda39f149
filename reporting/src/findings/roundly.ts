import { formatDuration } from "../format.ts";

const hourS = 3600;
const dayS = 86_400;

/** "less than an hour", "5 h", "12 days": a projection is no timetable. */
export function roundly(durationS: number): string {
  if (durationS < hourS) return "less than an hour";
  if (durationS < 2 * dayS) return formatDuration(Math.round(durationS / hourS) * hourS);
  return `${Math.round(durationS / dayS)}\u{a0}days`;
}
