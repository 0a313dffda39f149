// Which samples of several captures are compared with one another, and where they stand on a common axis of time.
import type { Dataset } from "../statistics/dataset.ts";

export const alignments = ["elapsed", "time-of-day", "marker"] as const;

/**
 * elapsed: by the time since each capture's start. time-of-day: by the clock in UTC, whatever the day. marker: by the time since an event
 * that each capture has, such as the start of a load test.
 */
export type Alignment = (typeof alignments)[number];

/** Captures that have no time in common cannot be compared by this alignment. */
export class AlignmentError extends Error {}

export interface Aligned {
  /** What all captures have, in seconds of the axis; the end is exclusive. Of times of day it may lie behind midnight, up to two days. */
  startS: number;
  endS: number;
  /** By capture: where a time (Unix seconds) stands on the axis. */
  positions: ((timeS: number) => number)[];
  /** By capture: the samples that lie in what all have, as rows of its dataset. */
  rows: Uint32Array[];
}

const dayS = 86_400;
const minuteS = 60;

/**
 * `markersS` (Unix seconds) has one for each capture where the alignment is "marker".
 * Throws an AlignmentError that says what is missing.
 */
export function align(
  datasets: readonly Dataset[],
  alignment: Alignment,
  markersS: readonly number[] = [],
): Aligned {
  if (alignment === "time-of-day") return alignByDay(datasets);
  const origins = datasets.map((dataset, index) =>
    alignment === "marker" ? markerOf(dataset, markersS[index]) : dataset.timing.startS,
  );
  const startS = Math.max(
    ...datasets.map(({ timing }, at) => timing.startS - (origins[at] ?? NaN)),
  );
  const endS = Math.min(
    ...datasets.map(({ timing }, at) => timing.startS + timing.lengthS - (origins[at] ?? NaN)),
  );
  if (!(endS > startS)) {
    throw new AlignmentError(
      alignment === "marker"
        ? "Cannot compare: around their markers the captures share no time"
        : "Cannot compare by the time since the start: a capture of one sample lasts no time",
    );
  }
  const positions = origins.map((originS) => (timeS: number) => timeS - originS);
  const rows = datasets.map(({ timestampsS }, at) => {
    const originS = origins[at] ?? NaN;
    return rowsWhere(timestampsS, (timeS) => timeS - originS >= startS && timeS - originS < endS);
  });
  return { startS, endS, positions, rows };
}

function markerOf({ machineId, timing }: Dataset, markerS: number | undefined): number {
  if (markerS === undefined) {
    throw new AlignmentError(
      `Cannot align by marker: ${machineId} has none; give one for each capture`,
    );
  }
  if (markerS >= timing.startS && markerS <= timing.startS + timing.lengthS) return markerS;
  const [marker, start, end] = [markerS, timing.startS, timing.endS].map((timeS) =>
    new Date(timeS * 1000).toISOString().replace(".000Z", "Z"),
  );
  throw new AlignmentError(
    `Cannot align by marker: ${marker} lies outside of ${machineId}'s capture, ${start} to ${end}`,
  );
}

/** Samples count in whose minute of the day every capture has samples. */
function alignByDay(datasets: readonly Dataset[]): Aligned {
  const minute = (timeS: number): number => Math.floor((timeS % dayS) / minuteS);
  const minutes = datasets.map(({ timestampsS, timing }) => {
    const seen = new Uint8Array(dayS / minuteS);
    // A sample stands for the interval before the next one: at 5 min it speaks for five minutes.
    const span = Math.max(1, Math.round((timing.intervalS ?? minuteS) / minuteS));
    for (const timeS of timestampsS) {
      for (let step = 0; step < span; step++) seen[(minute(timeS) + step) % seen.length] = 1;
    }
    return seen;
  });
  const common = new Uint8Array(dayS / minuteS).map((_, at) =>
    minutes.every((seen) => seen[at] === 1) ? 1 : 0,
  );
  const { first, length } = shortestRound(common);
  if (length === 0) {
    throw new AlignmentError(
      "Cannot compare by the time of day: the captures share no minute of it",
    );
  }
  const startS = first * minuteS;
  const position = (timeS: number): number => startS + (((timeS % dayS) - startS + dayS) % dayS);
  return {
    startS,
    endS: startS + length * minuteS,
    positions: datasets.map(() => position),
    rows: datasets.map(({ timestampsS }) =>
      rowsWhere(timestampsS, (timeS) => common[minute(timeS)] === 1),
    ),
  };
}

/** The shortest stretch of the round of the day that holds all that is set: without the longest that is not, be it over midnight. */
function shortestRound(isSet: Uint8Array): { first: number; length: number } {
  const day = isSet.length;
  const set = Array.from(isSet.keys()).filter((minute) => isSet[minute] === 1);
  let round = {
    first: set[0] ?? 0,
    length: set.length === 0 ? 0 : (set.at(-1) ?? 0) + 1 - (set[0] ?? 0),
  };
  for (const [index, first] of set.entries()) {
    const before = set[index - 1];
    if (before === undefined) continue;
    const length = day - (first - before) + 1;
    if (length < round.length) round = { first, length };
  }
  return round;
}

function rowsWhere(timestampsS: Float64Array, holds: (timeS: number) => boolean): Uint32Array {
  const rows = new Uint32Array(timestampsS.length);
  let count = 0;
  for (const [row, timeS] of timestampsS.entries()) if (holds(timeS)) rows[count++] = row;
  return rows.subarray(0, count);
}
