// The hot path of writing: a sample's line made in one lasting buffer, without a string or an object.
import { sampleStart } from "./format.ts";
import { offsetOf, rowCount, sources, type Layout, type Sample } from "../sampling/layout.ts";

const zero = 48;
const comma = 44;
const open = 91;
const close = 93;

/** Longest text of a value: 20 digits of a 64-bit counter, and its comma. */
const valueBytes = 24;
const start = Buffer.from(sampleStart);
const monotonic = Buffer.from(',"m":');
const values = Buffer.from(',"s":');
const absent = Buffer.from("null");
const end = Buffer.from("}\n");

/** Makes lines of samples of one layout. The bytes are overwritten by the next call. */
export function createSampleEncoder(layout: Layout): (sample: Sample) => Buffer {
  const parts = sources.map((source) => ({
    offset: offsetOf(layout, source.name),
    rows: rowCount(source, layout.devices),
    length: source.fields.length,
    table: source.per !== null,
  }));
  const line = Buffer.alloc(256 + layout.size * valueBytes + 8 * parts.length);
  let at = 0;

  return (sample) => {
    at = 0;
    append(start);
    appendNumber(sample.timeMs);
    append(monotonic);
    appendNumber(sample.monotonicUs);
    append(values);
    line[at++] = open;
    for (let index = 0; index < parts.length; index += 1) {
      const part = parts[index];
      if (part === undefined) break;
      if (index > 0) line[at++] = comma;
      if (isAbsent(sample.values, part.offset, part.rows * part.length)) append(absent);
      else appendRows(sample.values, part);
    }
    line[at++] = close;
    append(end);
    return line.subarray(0, at);
  };

  function appendRows(
    from: Float64Array,
    {
      offset,
      rows,
      length,
      table,
    }: { offset: number; rows: number; length: number; table: boolean },
  ): void {
    if (table) line[at++] = open;
    for (let row = 0; row < rows; row += 1) {
      if (row > 0) line[at++] = comma;
      line[at++] = open;
      for (let field = 0; field < length; field += 1) {
        if (field > 0) line[at++] = comma;
        appendNumber(from[offset + row * length + field] ?? Number.NaN);
      }
      line[at++] = close;
    }
    if (table) line[at++] = close;
  }

  function append(bytes: Buffer): void {
    at += bytes.copy(line, at);
  }

  function appendNumber(value: number): void {
    if (value >= 0 && value < 10) {
      const digit = value | 0;
      if (digit === value) {
        line[at++] = zero + digit;
        return;
      }
    }
    if (!Number.isSafeInteger(value)) {
      // Not measured, a load average, or a counter beyond 2^53.
      at += line.write(Number.isNaN(value) ? "null" : renderNumber(value), at, "latin1");
      return;
    }
    let digits = 1;
    for (let limit = 10; limit <= value; limit *= 10) digits += 1;
    let left = value;
    for (let place = at + digits - 1; place >= at; place -= 1) {
      const rest = Math.floor(left / 10);
      line[place] = zero + (left - rest * 10);
      left = rest;
    }
    at += digits;
  }
}

/** A table without devices is there, but empty. */
function isAbsent(from: Float64Array, offset: number, length: number): boolean {
  if (length === 0) return false;
  for (let at = offset; at < offset + length; at += 1) {
    if (!Number.isNaN(from[at])) return false;
  }
  return true;
}

/** Without an exponent: kernel counters end at 2^64. */
function renderNumber(value: number): string {
  return value >= 1e15 ? BigInt(value).toString() : String(value);
}
