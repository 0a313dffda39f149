// How long a state must last before a rule speaks of it, and how that becomes a severity and words.
import { formatCount, formatDuration, formatRange } from "../format.ts";
import {
  findEpisodes,
  measuredS,
  minimumValues,
  totalS,
  type Condition,
  type Episode,
  type Minutes,
  type Span,
} from "../statistics/episodes.ts";
import type { Severity } from "./finding.ts";

/** Shorter states are bursts, which a machine is there to take. Our own choice, a third of node-mixin's 15 minutes. */
export const warningS = 300;
/** The time after which node-mixin alerts on CPU, load and memory. */
export const criticalS = 900;

/** Share of the window below which a state that is over is not critical, however long: a quarter of an hour in a day. Our own. */
const leastCritical = 0.01;
/** Shares of the window from which a state held most of it, and throughout it. */
const most = 0.5;
const throughout = 0.99;
/** Time and values below which nothing at all is told of a state: one sample proves none, and a minute of samples not much. */
const leastCutShortS = 60;
const leastCutShort = 2;

/** Episodes that were beyond the entering threshold itself for long enough: what lies between the two does not count. */
export function findStrictEpisodes(minutes: Minutes, condition: Condition): Episode[] {
  if (minutes.seeksCutShort === true) return findShort(minutes, condition);
  return findEpisodes(minutes, condition).filter(
    ({ beyondS, beyondCount }) => beyondS >= condition.minimumS && beyondCount >= minimumValues,
  );
}

/**
 * Episodes of a state that is more than a burst, though none lasted long enough to be told from one: all of them, if they make up at least half
 * of the capture; or the last one, if it lasts to the end and is at least half as long as asked for.
 */
function findShort(minutes: Minutes, condition: Condition): Episode[] {
  const short = findEpisodes(minutes, {
    ...condition,
    minimumS: leastCutShortS,
    minimumCount: leastCutShort,
  })
    .filter(({ beyondS, beyondCount }) => beyondS >= leastCutShortS && beyondCount >= leastCutShort)
    .map((episode) => ({ ...episode, isCutShort: true }));
  if (shareOf(short, minutes.window) >= most) return short;
  return short.filter(
    ({ endS, beyondS }) => endS >= minutes.window.endS && beyondS >= condition.minimumS / 2,
  );
}

/** By the time beyond the threshold; `window` is the data's own. */
export function severityOf(
  episodes: readonly Episode[],
  window: Span,
  longS = criticalS,
): Severity {
  const long = episodes.filter(({ beyondS }) => beyondS >= longS);
  const holds = long.some(({ endS }) => endS >= window.endS);
  const share = shareOf(episodes, window);
  return long.length > 0 && (holds || share >= leastCritical) ? "critical" : "warning";
}

/** "critical from 15 min, if all such time is at least 1 % of the window or it lasts to the end", as severityOf() judges. */
export function defineCritical(longS = criticalS): string {
  return `critical from ${formatDuration(longS)}, if all such time is at least ${100 * leastCritical} % of the window or it lasts to the end`;
}

/** To follow what was so, in a title: " at times", " at the end of the capture". */
export function howOften(episodes: readonly Episode[], window: Span): string {
  const share = shareOf(episodes, window);
  if (episodes.some(({ isCutShort }) => isCutShort === true)) {
    const captured = formatDuration(totalS([window]));
    if (share >= throughout) return ` in all ${captured} captured`;
    return share >= most
      ? ` in ${formatDuration(totalBeyondS(episodes))} of the ${captured} captured`
      : " at the end of the capture";
  }
  if (share >= throughout) return " throughout";
  return share >= most ? " most of the time" : " at times";
}

function shareOf(episodes: readonly Episode[], window: Span): number {
  return totalBeyondS(episodes) / totalS([window]);
}

/** Seconds beyond the entering threshold. */
export function totalBeyondS(episodes: readonly Episode[]): number {
  return episodes.reduce((sum, { beyondS }) => sum + beyondS, 0);
}

/** What the means of these minutes are over: "minute", or "10 min" where samples are so far apart. */
export function spanName({ bucketS }: Minutes): string {
  return bucketS === 60 ? "minute" : formatDuration(bucketS);
}

/** Why the values are too few to judge by, or null where they are enough. */
export function tooShort(minutes: Minutes, neededS = warningS): string | null {
  if (minutes.seeksCutShort === true) return null;
  const measured = measuredS(minutes);
  if (measured < neededS) {
    return `${formatDuration(measured)} of data; the rule needs ${formatDuration(neededS)}.`;
  }
  const count = minutes.means.reduce((sum, mean) => sum + Number(!Number.isNaN(mean)), 0);
  if (count >= minimumValues) return null;
  return `${formatCount(count, "value")} in ${formatDuration(measured)}; the rule needs ${minimumValues}.`;
}

/** Why none of several series is enough to judge by, told of the first; null where one is. */
export function allTooShort(series: readonly Minutes[], neededS = warningS): string | null {
  const reasons = series.map((minutes) => tooShort(minutes, neededS));
  return reasons.includes(null) ? null : (reasons[0] ?? null);
}

/**
 * "for 47 min (2 Mar 2026 06:05 – 06:52 UTC)", "in 3 periods, 47 min in all, the longest 2 Mar 2026 06:05 – 06:31 UTC"; where
 * the state eased between, "for 31 min within 3 periods of 47 min in all, the longest …".
 */
export function describeEpisodes(episodes: readonly Episode[]): string {
  const longest = longestOf(episodes);
  const range = formatRange(longest.startS, longest.endS);
  const duration = formatDuration(totalS(episodes));
  const beyond = formatDuration(totalBeyondS(episodes));
  const periods = formatCount(episodes.length, "period");
  if (episodes.length === 1) {
    return beyond === duration
      ? `for ${duration} (${range})`
      : `for ${beyond} within ${duration} (${range})`;
  }
  return beyond === duration
    ? `in ${periods}, ${duration} in all, the longest ${range}`
    : `for ${beyond} within ${periods} of ${duration} in all, the longest ${range}`;
}

/** The same for evidence, which also tells what ends such a period: `until` is as in "below 80 %". */
export function describeStrictly(episodes: readonly Episode[], until: string): string {
  const eased = formatDuration(totalS(episodes)) !== formatDuration(totalBeyondS(episodes));
  return `${describeEpisodes(episodes)}${eased ? `; a period lasts until ${until}` : ""}`;
}

/** The first of those that lasted longest; of at least one. */
export function longestOf(episodes: readonly Episode[]): Episode {
  return episodes.reduce((a, b) => (b.endS - b.startS > a.endS - a.startS ? b : a));
}
