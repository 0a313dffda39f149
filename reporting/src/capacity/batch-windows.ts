// Batch windows: stretches of high load outside of business hours that are no people's work, such as backups, reports and imports.
import type { Unit } from "@perfanalysis/contract/metrics";
import { percentiles } from "../statistics/percentiles.ts";
import { findEpisodes, meanWithin, type Minutes, type Span } from "../statistics/episodes.ts";
import type { TimeZone } from "../time-zone.ts";
import { dayMinutes, minuteOfWeek, type BusinessHours } from "./calendar.ts";

/** What may be busy in a batch window. */
export interface Load {
  label: string;
  unit: Unit;
  minutes: Minutes;
  /** What the resource has, or its peak. */
  limit: number;
}

/** One stretch, or one that recurs at the same time of the day. Of those, start and length are medians. */
export interface BatchWindow {
  /** Minute of the reader's day, 0–1,439. */
  startMinute: number;
  lengthS: number;
  /** In order of time, each with the seconds by which it ran into business hours. */
  occurrences: (Span & { overrunS: number })[];
  /** Days on which it was seen. */
  dayCount: number;
  /** What was busy: mean over all occurrences, the busiest (of its limit) first. */
  busy: { load: Load; mean: number }[];
  /** By how much it ran into business hours at most; 0 where it ended before them. */
  overrunS: number;
}

/** Stretches nearer to one another than this are of one night. */
const otherNightS = 12 * 3600;
/** Share of the limit that is high load, where the machine is usually quiet. */
const highShare = 0.25;
/** Where it is not: twice as much as usual, or as much more as that share of the limit, whichever is less. */
const factor = 2;
/** Share of the way from the usual load to the entering threshold at which a stretch ends. */
const leaveShare = 0.6;
const minimumS = 600;
/** Starts that lie within this of one another are the same job. */
const toleranceMinutes = 30;
/** Beside business hours, what is not as much more than their median is the day that begins or ends, not a batch. */
const dayFactor = 1.5;
/** Load that lasts longer than this into business hours is the day's own. */
const longestOverrunS = 4 * 3600;
/** By day on a day off, what lasts longer than this is people's day. */
const longestByDayS = 4 * 3600;
/** Share of a stretch in the hours of the working day from which on it is one by day. */
const byDayShare = 0.5;
const weekS = 7 * 86_400;

export interface BatchOptions {
  /** Has an entry for each minute of the loads. */
  isBusiness: Uint8Array;
  hours: BusinessHours;
  zone: TimeZone;
}

/**
 * Those that a consultant would call so: at night, unless the capture holds the same hour of that weekday again and nothing was in it;
 * or by day on a day off, if they recur and are short. Those that recur most come first, then by time.
 */
export function findBatchWindows(
  loads: readonly Load[],
  { isBusiness, hours, zone }: BatchOptions,
): BatchWindow[] {
  const stretches = loads.flatMap((load) => findStretches(load, isBusiness));
  const isByDay = (span: Span): boolean => shareByDay(span, hours, zone) > byDayShare;
  const merged = mergeOverlapping(stretches).filter(
    (stretch) => !(isByDay(stretch) && stretch.endS - stretch.startS > longestByDayS),
  );
  return groupByStart(merged, zone)
    .map((group) => toWindow(group, zone))
    .filter(
      ({ dayCount, occurrences, busy }) =>
        dayCount > 1 ||
        occurrences.every((span) => !isByDay(span) && !isMissedInAnotherWeek(span, busy)),
    )
    .toSorted(
      (a, b) =>
        b.dayCount - a.dayCount ||
        (a.occurrences[0]?.startS ?? 0) - (b.occurrences[0]?.startS ?? 0),
    );
}

/** Share of a span in the hours of the clock that are business hours of a working day. */
function shareByDay(
  { startS, endS }: Span,
  { fromMinute, toMinute }: BusinessHours,
  zone: TimeZone,
): number {
  let byDay = 0;
  let all = 0;
  for (let timeS = startS; timeS < endS; timeS += 60) {
    const minute = minuteOfWeek(timeS, zone) % dayMinutes;
    if (minute >= fromMinute && minute < toMinute) byDay++;
    all++;
  }
  return byDay / all;
}

/** Whether its time was measured in another week, too: then it was not as busy there, or it would have been found on two days. */
function isMissedInAnotherWeek({ startS, endS }: Span, busy: BatchWindow["busy"]): boolean {
  return busy.some(({ load: { minutes } }) => {
    const { startS: fromS, bucketS, means } = minutes;
    const weekLength = Math.round(weekS / bucketS);
    const middle = Math.floor(((startS + endS) / 2 - fromS) / bucketS);
    for (let at = middle % weekLength; at < means.length; at += weekLength) {
      if (at !== middle && !Number.isNaN(means[at] ?? NaN)) return true;
    }
    return false;
  });
}

interface Stretch extends Span {
  loads: Load[];
  overrunS: number;
}

function findStretches(load: Load, isBusiness: Uint8Array): Stretch[] {
  const { minutes, limit } = load;
  const outside = minutes.means.map((mean, minute) => (isBusiness[minute] === 1 ? NaN : mean));
  const [usual = NaN] = percentiles(outside, [0.5]);
  if (!(limit > 0) || Number.isNaN(usual)) return [];
  const enter = Math.max(highShare * limit, Math.min(factor * usual, usual + highShare * limit));
  const leave = usual + leaveShare * (enter - usual);
  const inside = minutes.means.filter((_, minute) => isBusiness[minute] === 1);
  const [inBusiness = NaN] = percentiles(inside, [0.5]);
  // Math.max() would make a gap of it where no business hours were captured.
  const ownDay = Number.isNaN(inBusiness) ? 0 : dayFactor * inBusiness;
  return findEpisodes(
    { ...minutes, means: outside },
    { direction: "above", enter, leave, minimumS },
  ).flatMap(({ startS, endS, mean }): Stretch[] => {
    const from = Math.floor((startS - minutes.startS) / minutes.bucketS);
    const to = Math.ceil((endS - minutes.startS) / minutes.bucketS);
    const touches = isBusiness[from - 1] === 1 || isBusiness[to] === 1;
    if (touches && mean <= ownDay) return [];
    const overrunS = overrunOf(minutes, isBusiness, { to, above: Math.max(leave, ownDay) });
    return [{ startS, endS, loads: [load], overrunS }];
  });
}

/** How long the load stayed high behind `to`, the end of the free time. */
function overrunOf(
  { bucketS, means }: Minutes,
  isBusiness: Uint8Array,
  { to, above }: { to: number; above: number },
): number {
  let minute = to;
  while (isBusiness[minute] === 1 && (means[minute] ?? NaN) > above) minute++;
  const overrunS = (minute - to) * bucketS;
  return overrunS <= longestOverrunS ? overrunS : 0;
}

/** Loads that were high at the same time are one window. */
function mergeOverlapping(stretches: Stretch[]): Stretch[] {
  const merged: Stretch[] = [];
  for (const stretch of stretches.toSorted((a, b) => a.startS - b.startS)) {
    const last = merged.at(-1);
    if (last === undefined || stretch.startS >= last.endS) {
      merged.push({ ...stretch });
      continue;
    }
    last.endS = Math.max(last.endS, stretch.endS);
    last.overrunS = Math.max(last.overrunS, stretch.overrunS);
    last.loads = [...new Set([...last.loads, ...stretch.loads])];
  }
  return merged;
}

function groupByStart(stretches: Stretch[], zone: TimeZone): Stretch[][] {
  const groups: { startMinute: number; stretches: Stretch[] }[] = [];
  for (const stretch of stretches) {
    const startMinute = minuteOfWeek(stretch.startS, zone) % dayMinutes;
    // What begins twice in one night is two, neither of them once more.
    const group = groups.find(
      (known) =>
        distance(known.startMinute, startMinute) <= toleranceMinutes &&
        stretch.startS - (known.stretches.at(-1)?.startS ?? -Infinity) >= otherNightS,
    );
    if (group === undefined) groups.push({ startMinute, stretches: [stretch] });
    else group.stretches.push(stretch);
  }
  return groups.map((group) => group.stretches);
}

/** Minutes between two times of the day, the short way round midnight. */
function distance(one: number, other: number): number {
  const difference = Math.abs(one - other);
  return Math.min(difference, dayMinutes - difference);
}

function toWindow(stretches: Stretch[], zone: TimeZone): BatchWindow {
  const first = stretches[0];
  const startMinute = first === undefined ? 0 : minuteOfWeek(first.startS, zone) % dayMinutes;
  const offsets = stretches.map(({ startS }) => {
    const minute = minuteOfWeek(startS, zone) % dayMinutes;
    // Around midnight the median of the minutes themselves would lie at noon.
    return ((minute - startMinute + 1.5 * dayMinutes) % dayMinutes) - dayMinutes / 2;
  });
  const days = new Set(
    stretches.map(({ startS }) => Math.floor((startS + zone.offsetAt(startS)) / 86_400)),
  );
  const loads = [...new Set(stretches.flatMap((stretch) => stretch.loads))];
  return {
    startMinute: (startMinute + median(offsets) + dayMinutes) % dayMinutes,
    lengthS: median(stretches.map(({ startS, endS }) => endS - startS)),
    occurrences: stretches.map(({ startS, endS, overrunS }) => ({ startS, endS, overrunS })),
    dayCount: days.size,
    busy: loads
      .map((load) => ({ load, mean: meanOver(load, stretches) }))
      .toSorted((a, b) => b.mean / b.load.limit - a.mean / a.load.limit),
    overrunS: Math.max(...stretches.map(({ overrunS }) => overrunS)),
  };
}

function median(values: number[]): number {
  return percentiles(Float64Array.from(values), [0.5])[0] ?? NaN;
}

/** Only of those occurrences in which it was high itself. */
function meanOver(load: Load, stretches: readonly Stretch[]): number {
  const own = stretches.filter(({ loads }) => loads.includes(load));
  return own.reduce((sum, span) => sum + meanWithin(load.minutes, span), 0) / own.length;
}
