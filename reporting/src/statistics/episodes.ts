import type { Timing } from "../data/timing.ts";
import { bucketMeans, type Buckets } from "./buckets.ts";
import { createRowGrid, type RowGrid } from "./row-grid.ts";

/** Means of a series over minutes, or what stands for them (`minuteLengthS()`): what rules judge. */
export interface Minutes {
  startS: number;
  bucketS: number;
  /** NaN where nothing was measured. */
  means: Float64Array;
  /** The data's own window, the end exclusive, less what this series lacks of it at an end, if that is shorter than a minute. Unix seconds. */
  window: Span;
  /** What was measured of the minutes beside a gap, and of the first and the last, by their number: seldom all of it. */
  edges: ReadonlyMap<number, Span>;
  /** Whether shorter states than asked for are sought in them that may be no bursts, instead of those that lasted long enough. */
  seeksCutShort?: boolean;
}

export interface Span {
  startS: number;
  endS: number;
}

export interface Condition {
  direction: "above" | "below";
  /** A minute beyond this begins an episode … */
  enter: number;
  /** … and one that is back at or behind this ends it; between the two, whatever was, lasts. */
  leave: number;
  /** Shorter episodes are none. */
  minimumS: number;
  /** Nor are those of fewer values; default `minimumValues`. */
  minimumCount?: number;
}

/** The end is exclusive. */
export interface Episode extends Span {
  /** Mean over the episode's minutes, and the worst of them. */
  mean: number;
  worst: number;
  /** Seconds of it that were beyond the entering threshold, and of how many minutes; the others were between the two. */
  beyondS: number;
  beyondCount: number;
  /** Whether it is shorter than was asked for, and told all the same. */
  isCutShort?: boolean;
}

/** However long the interval, an episode has at least this many values: one or two samples prove no state. */
export const minimumValues = 3;

const minuteS = 60;
/** Of a year and some weeks: of longer windows, which few files have, they are longer. Each measure has as many numbers. */
const mostMinutes = 600_000;

/** Seconds of a minute that rules judge: longer where samples are further apart, or there would be very many. */
export function minuteLengthS({ lengthS, intervalS }: Timing): number {
  return Math.max(minuteS * Math.ceil(lengthS / minuteS / mostMinutes), intervalS ?? 0, minuteS);
}

/** Minutes from the first sample's to the last one's. */
export function createMinuteGrid(timestampsS: Float64Array, timing: Timing): RowGrid {
  const { startS, endS } = timing;
  const bucketS = minuteLengthS(timing);
  const fromS = Math.floor(startS / bucketS) * bucketS;
  const length = Math.floor((endS - fromS) / bucketS) + 1;
  return createRowGrid(timestampsS, { startS: fromS, bucketS, length });
}

/**
 * Minutes without a sample that lie between two of one interval: samples a minute apart that come a second early or late, or
 * whose interval is not quite a whole minute, leave such, which are no gaps.
 */
export function findSkipped(
  { starts }: RowGrid,
  timestampsS: Float64Array,
  { intervalS }: Timing,
): number[] {
  const skipped: number[] = [];
  if (intervalS === null) return skipped;
  for (let minute = 1; minute < starts.length - 2; minute++) {
    const row = starts[minute] ?? 0;
    if (row !== starts[minute + 1]) continue;
    const distanceS = (timestampsS[row] ?? NaN) - (timestampsS[row - 1] ?? NaN);
    if (distanceS <= 1.5 * intervalS) skipped.push(minute);
  }
  return skipped;
}

/**
 * `values` are those of the grid's rows, at `timestampsS`; `buckets` are theirs. Skipped minutes between two with values have that of
 * the sample behind them: what it tells began in them.
 */
export function toMinutes(
  { starts }: RowGrid,
  {
    timestampsS,
    values,
    buckets,
    timing,
    skipped,
  }: {
    timestampsS: Float64Array;
    values: Float64Array;
    buckets: Buckets;
    timing: Timing;
    skipped: readonly number[];
  },
): Minutes {
  const { startS, bucketS } = buckets;
  const means = bucketMeans(buckets);
  const isGap = (minute: number): boolean => Number.isNaN(means[minute] ?? NaN);
  for (const minute of skipped) if (!isGap(minute - 1)) means[minute] = means[minute + 1] ?? NaN;
  const edges = new Map<number, Span>();
  const isMeasured = (row: number): boolean => !Number.isNaN(values[row] ?? NaN);
  for (let minute = 0; minute < means.length; minute++) {
    if (isGap(minute)) continue;
    const begins = minute === 0 || isGap(minute - 1);
    const ends = minute === means.length - 1 || isGap(minute + 1);
    if (!begins && !ends) continue;
    let [first, last] = [starts[minute] ?? 0, (starts[minute + 1] ?? 0) - 1];
    while (!isMeasured(first)) first++;
    while (!isMeasured(last)) last--;
    const fromS = startS + minute * bucketS;
    edges.set(minute, {
      startS: begins ? (timestampsS[first] ?? NaN) : fromS,
      // The last sample stands for its interval.
      endS: ends ? (timestampsS[last] ?? NaN) + (timing.intervalS ?? 0) : fromS + bucketS,
    });
  }
  return { startS, bucketS, means, window: windowOf(edges, timing, bucketS), edges };
}

function windowOf(
  edges: ReadonlyMap<number, Span>,
  { startS, lengthS }: Timing,
  bucketS: number,
): Span {
  const endS = startS + lengthS;
  const spans = [...edges.values()];
  const firstS = spans[0]?.startS ?? startS;
  const lastS = spans.at(-1)?.endS ?? endS;
  return {
    startS: firstS - startS < bucketS ? firstS : startS,
    endS: endS - lastS < bucketS ? lastS : endS,
  };
}

/** Minute by minute from two series of the same machine; a gap in either is a gap. */
export function combineMinutes(
  a: Minutes,
  b: Minutes,
  formula: (a: number, b: number) => number,
): Minutes {
  const means = a.means.map((mean, minute) => {
    const other = b.means[minute] ?? NaN;
    return mean !== mean || other !== other ? NaN : formula(mean, other);
  });
  const edges = new Map(a.edges);
  for (const [minute, edge] of b.edges)
    edges.set(minute, common(edge, spanOf(a, minute, minute + 1)));
  return { ...a, means, window: common(a.window, b.window), edges };
}

/** What both have; nothing where they do not meet. */
function common(one: Span, other: Span): Span {
  const startS = Math.max(one.startS, other.startS);
  return { startS, endS: Math.max(startS, Math.min(one.endS, other.endS)) };
}

/** Seconds for which there is a mean. */
export function measuredS(minutes: Minutes): number {
  return minutes.means.reduce((sum, mean, index) => {
    const { startS, endS } = spanOf(minutes, index, index + 1);
    return sum + (Number.isNaN(mean) ? 0 : endS - startS);
  }, 0);
}

/** The time of minutes `from` (inclusive) to `to` (exclusive), as far as it was measured. */
export function spanOf({ startS, bucketS, edges }: Minutes, from: number, to: number): Span {
  return {
    startS: edges.get(from)?.startS ?? startS + from * bucketS,
    endS: edges.get(to - 1)?.endS ?? startS + to * bucketS,
  };
}

/** Spans of time for which the condition held, with hysteresis. A gap ends an episode: nobody saw what was in it. */
export function findEpisodes(minutes: Minutes, condition: Condition): Episode[] {
  const { direction, enter, leave, minimumS, minimumCount = minimumValues } = condition;
  const sign = direction === "above" ? 1 : -1;
  const { means } = minutes;
  const episodes: Episode[] = [];
  let from = -1;

  function close(end: number): void {
    const span = spanOf(minutes, from, end);
    if (end - from >= minimumCount && span.endS - span.startS >= minimumS) {
      const values = means.subarray(from, end);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const worst = values.reduce((a, b) => (sign * b > sign * a ? b : a));
      const beyond = Array.from(values.keys(), (value) => from + value).filter(
        (minute) => sign * (means[minute] ?? NaN) > sign * enter,
      );
      const beyondS = totalS(beyond.map((minute) => spanOf(minutes, minute, minute + 1)));
      episodes.push({ ...span, mean, worst, beyondS, beyondCount: beyond.length });
    }
    from = -1;
  }
  for (let index = 0; index < means.length; index++) {
    const mean = means[index] ?? NaN;
    const lasts = from < 0 ? sign * mean > sign * enter : sign * mean > sign * leave;
    if (!lasts && from >= 0) close(index);
    else if (lasts && from < 0) from = index;
  }
  if (from >= 0) close(means.length);
  return episodes;
}

export function totalS(episodes: readonly Span[]): number {
  return episodes.reduce((sum, { startS, endS }) => sum + endS - startS, 0);
}

/** Mean of another series over an episode; NaN, which compares as false everywhere, where nothing was measured. */
export function meanWithin(minutes: Minutes | null, { startS, endS }: Span): number {
  if (minutes === null) return NaN;
  const from = Math.floor((startS - minutes.startS) / minutes.bucketS);
  const to = Math.ceil((endS - minutes.startS) / minutes.bucketS);
  const values = minutes.means.subarray(from, to).filter((value) => !Number.isNaN(value));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The same over several episodes, each minute weighing alike. */
export function meanDuring(minutes: Minutes | null, episodes: readonly Span[]): number {
  const parts = episodes
    .map((episode) => ({
      mean: meanWithin(minutes, episode),
      lengthS: episode.endS - episode.startS,
    }))
    .filter(({ mean }) => !Number.isNaN(mean));
  const lengthS = parts.reduce((sum, part) => sum + part.lengthS, 0);
  return parts.reduce((sum, part) => sum + part.mean * part.lengthS, 0) / lengthS;
}
