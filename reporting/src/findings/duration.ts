// How long a state must last before a rule speaks of it, and how that becomes a severity.
import { formatCount, formatDuration, formatRange } from "../format.ts";
import { measuredS, totalS, type Episode, type Minutes } from "../statistics/episodes.ts";
import type { Severity } from "./finding.ts";

/** Shorter states are bursts, which a machine is there to take. Our own choice, a third of node-mixin's 15 minutes. */
export const warningS = 300;
/** The time after which node-mixin alerts on CPU, load and memory. */
export const criticalS = 900;

export function severityOf(episodes: readonly Episode[], longS = criticalS): Severity {
  return episodes.some(({ startS, endS }) => endS - startS >= longS) ? "critical" : "warning";
}

/** Why the values are too few to judge by, or null where they are enough. */
export function tooShort(minutes: Minutes, neededS = warningS): string | null {
  const measured = measuredS(minutes);
  if (measured >= neededS) return null;
  return `${formatDuration(measured)} of data; the rule needs ${formatDuration(neededS)}.`;
}

/** "in 3 periods, 47 min in all, the longest 2 Mar 2026 06:05 – 06:31 UTC" */
export function describeEpisodes(episodes: readonly Episode[]): string {
  const longest = longestOf(episodes);
  const range = formatRange(longest.startS, longest.endS);
  const duration = formatDuration(totalS(episodes));
  if (episodes.length === 1) return `for ${duration} (${range})`;
  return `in ${formatCount(episodes.length, "period")}, ${duration} in all, the longest ${range}`;
}

/** The first of those that lasted longest; of at least one. */
export function longestOf(episodes: readonly Episode[]): Episode {
  return episodes.reduce((a, b) => (b.endS - b.startS > a.endS - a.startS ? b : a));
}
