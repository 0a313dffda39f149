// The samples of one machine within one hour: what segments are made of.
import { hourS } from "./block.ts";
import { decodeValues, encodeValues } from "./codec.ts";
import { maxDecimals } from "./fixed-point.ts";
import type { Minutes } from "./minutes.ts";

/** Rows of one hour. */
export interface HourRows {
  /** Seconds within the hour, ascending, each once. */
  seconds: Float64Array;
  /** By column name, a value or NaN for each second. */
  columns: Map<string, Float64Array>;
}

export interface EncodedColumn {
  /** Values that are no gaps; at least one. */
  count: number;
  min: number;
  max: number;
  sum: number;
  body: Buffer;
}

export interface EncodedHour {
  rowCount: number;
  axis: Buffer;
  /** Only columns that have a value. */
  columns: Map<string, EncodedColumn>;
  /** Of the same rows, where they are still at hand; null where the hour must be decoded for them. */
  minutes: ReadonlyMap<string, Minutes> | null;
}

export interface MergedHour {
  rows: HourRows;
  /** Rows of `added` whose second was not there. */
  newRows: number;
  /** Gaps of `base` for which `added` had a value. */
  filledGaps: number;
}

export function encodeHour({ seconds, columns }: HourRows): EncodedHour {
  const encoded = new Map<string, EncodedColumn>();
  for (const [name, values] of columns) {
    const summary = summarize(values, 0, values.length);
    if (summary.count > 0) encoded.set(name, { ...summary, body: encodeValues(values) });
  }
  return { rowCount: seconds.length, axis: encodeValues(seconds), columns: encoded, minutes: null };
}

export function decodeHour({
  axis,
  columns,
}: {
  axis: Uint8Array;
  columns: Map<string, { body: Uint8Array }>;
}): HourRows {
  const decoded = new Map<string, Float64Array>();
  for (const [name, { body }] of columns) decoded.set(name, decodeValues(body));
  return { seconds: decodeValues(axis), columns: decoded };
}

/** What is there stays; `added` brings new rows and fills gaps. Neither argument is changed. */
export function mergeHours(base: HourRows, added: HourRows): MergedHour {
  const known = new Uint8Array(hourS);
  for (const second of base.seconds) known[second] = 1;
  const { seconds, rowOf } = unite(base.seconds, added.seconds);
  const columns = new Map<string, Float64Array>();
  let filledGaps = 0;
  for (const name of new Set([...base.columns.keys(), ...added.columns.keys()])) {
    const merged = new Float64Array(seconds.length).fill(NaN);
    base.columns.get(name)?.forEach((value, index) => {
      merged[rowOf[base.seconds[index] ?? 0] ?? 0] = value;
    });
    added.columns.get(name)?.forEach((value, index) => {
      const second = added.seconds[index] ?? 0;
      const row = rowOf[second] ?? 0;
      if (Number.isNaN(value) || !Number.isNaN(merged[row])) return;
      merged[row] = value;
      filledGaps += known[second] ?? 0;
    });
    columns.set(name, merged);
  }
  return { rows: { seconds, columns }, newRows: seconds.length - base.seconds.length, filledGaps };
}

/** Only rows whose second `keep` accepts. */
export function filterHour(rows: HourRows, keep: (second: number) => boolean): HourRows {
  const kept = rows.seconds.map((second) => (keep(second) ? 1 : 0));
  const pick = (values: Float64Array) => values.filter((_, index) => kept[index] === 1);
  return {
    seconds: pick(rows.seconds),
    columns: new Map([...rows.columns].map(([name, values]) => [name, pick(values)])),
  };
}

export interface Summary {
  count: number;
  min: number;
  max: number;
  sum: number;
}

/** Of the values that are no gaps, from `from` (inclusive) to `to` (exclusive). Without any, min and max are NaN. */
export function summarize(values: Float64Array, from: number, to: number): Summary {
  let count = 0;
  let min = NaN;
  let max = NaN;
  let sum = 0;
  for (let index = from; index < to; index++) {
    const value = values[index] ?? NaN;
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
    // Also true as long as there is none.
    if (!(min <= value)) min = value;
    if (!(max >= value)) max = value;
  }
  return { count, min, max, sum: count < 2 ? sum : shortestSum(sum, count) };
}

/**
 * A sum of n doubles is uncertain by about n·2^-53 of itself. The shortest decimal within that is the sum of the decimals
 * that were added, and compresses as they do.
 */
function shortestSum(sum: number, count: number): number {
  const tolerance = Math.abs(sum) * count * 2 ** -53;
  for (let decimals = 0; decimals <= maxDecimals; decimals++) {
    const scale = 10 ** decimals;
    const rounded = Math.round(sum * scale) / scale;
    if (Math.abs(rounded - sum) <= tolerance) return rounded;
  }
  return sum;
}

/** Ascending, each once, and the row at which each second of the hour stands. */
export function unite(...lists: Float64Array[]): { seconds: Float64Array; rowOf: Int16Array } {
  const present = new Uint8Array(hourS);
  for (const list of lists) for (const second of list) present[second] = 1;
  const seconds = new Float64Array(hourS);
  const rowOf = new Int16Array(hourS);
  let rows = 0;
  for (let second = 0; second < hourS; second++) {
    if (present[second] !== 1) continue;
    rowOf[second] = rows;
    seconds[rows++] = second;
  }
  return { seconds: seconds.slice(0, rows), rowOf };
}
