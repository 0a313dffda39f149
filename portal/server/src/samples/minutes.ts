// Minima, maxima, sums and counts of minutes: what long ranges are drawn from.
import { decodeValues, encodeValues } from "./codec.ts";
import { summarize, type HourRows } from "./hour.ts";

const minuteS = 60;
export const minutesPerHour = 60;
export const minutesPerDay = 1440;

/** An entry a minute; where the count is 0, min and max are NaN and the sum is 0. */
export interface Minutes {
  count: Float64Array;
  min: Float64Array;
  max: Float64Array;
  sum: Float64Array;
}

export interface EncodedMinutes {
  counts: Buffer;
  minima: Buffer;
  /** null where they are the minima. */
  maxima: Buffer | null;
  sums: Buffer | null;
}

export function createMinutes(length: number): Minutes {
  return {
    count: new Float64Array(length),
    min: new Float64Array(length).fill(NaN),
    max: new Float64Array(length).fill(NaN),
    sum: new Float64Array(length),
  };
}

/** The 60 minutes of an hour of each column. */
export function rollUpHour({ seconds, columns }: HourRows): Map<string, Minutes> {
  const starts = new Uint16Array(minutesPerHour + 1);
  for (const second of seconds) {
    const behind = Math.floor(second / minuteS) + 1;
    starts[behind] = (starts[behind] ?? 0) + 1;
  }
  for (let minute = 1; minute <= minutesPerHour; minute++) {
    starts[minute] = (starts[minute] ?? 0) + (starts[minute - 1] ?? 0);
  }
  const rolledUp = new Map<string, Minutes>();
  for (const [name, values] of columns) {
    const minutes = createMinutes(minutesPerHour);
    for (let minute = 0; minute < minutesPerHour; minute++) {
      const summary = summarize(values, starts[minute] ?? 0, starts[minute + 1] ?? 0);
      minutes.count[minute] = summary.count;
      minutes.min[minute] = summary.min;
      minutes.max[minute] = summary.max;
      minutes.sum[minute] = summary.sum;
    }
    rolledUp.set(name, minutes);
  }
  return rolledUp;
}

/** Writes `part` over the minutes from `start` on. */
export function replaceMinutes(minutes: Minutes, part: Minutes, start: number): void {
  minutes.count.set(part.count, start);
  minutes.min.set(part.min, start);
  minutes.max.set(part.max, start);
  minutes.sum.set(part.sum, start);
}

/** null where no minute has a value. */
export function encodeMinutes({ count, min, max, sum }: Minutes): EncodedMinutes | null {
  const measured = (values: Float64Array) => values.filter((_, minute) => (count[minute] ?? 0) > 0);
  const [minima, maxima, sums] = [measured(min), measured(max), measured(sum)];
  if (minima.length === 0) return null;
  return {
    counts: encodeValues(count),
    minima: encodeValues(minima),
    maxima: isSame(minima, maxima) ? null : encodeValues(maxima),
    sums: isSame(minima, sums) ? null : encodeValues(sums),
  };
}

/** Throws a SyntaxError where the bytes are damaged. */
export function decodeMinutes({ counts, minima, maxima, sums }: EncodedMinutes): Minutes {
  const count = decodeValues(counts);
  const min = decodeValues(minima);
  return {
    count,
    min: spread(count, min, NaN),
    max: spread(count, maxima === null ? min : decodeValues(maxima), NaN),
    sum: spread(count, sums === null ? min : decodeValues(sums), 0),
  };
}

function spread(count: Float64Array, measured: Float64Array, otherwise: number): Float64Array {
  const values = new Float64Array(count.length);
  let next = 0;
  for (let minute = 0; minute < count.length; minute++) {
    values[minute] = (count[minute] ?? 0) > 0 ? (measured[next++] ?? NaN) : otherwise;
  }
  if (next === measured.length) return values;
  throw new SyntaxError(
    `Cannot decode minutes: there are ${measured.length} values for ${next} minutes`,
  );
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  return a.every((value, index) => Object.is(value, b[index]));
}
