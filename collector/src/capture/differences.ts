// Closed captures hold most samples as differences, which takes a third off their gzip: a line says what each number of the sample's
// line before has to be changed by, and everything between the numbers stays as it is there.
//
//   {"t":1000,"m":5000,"s":[[70,8],[0.5]]}
//   {"t":2000,"m":6001,"s":[[70,9],[0.6]]}    is written as    =1000,1001,,1,'0.6
//
// Nothing where the number is the same; a ' and the number itself where a difference would not give it back exactly: numbers with a
// decimal point, with more digits than a double holds, or with a leading zero.
import { sampleStart } from "./format.ts";

const newline = 10;
const quote = 39;
const comma = 44;
const minus = 45;
const dot = 46;
const zero = 48;
const equals = 61;
const exactDigits = 15;
const sampleStartBytes = Buffer.from(sampleStart);

/** A sample's line and where its numbers lie. */
interface NumberedLine {
  bytes: Buffer;
  length: number;
  count: number;
  starts: Int32Array;
  ends: Int32Array;
}

/** The piece of a capture with differences where they are shorter. Lines that begin or end in another piece stay as they are. */
export function shrinkLines(piece: Buffer): Buffer {
  const shrunk = Buffer.allocUnsafe(piece.length);
  let [before, line] = [createLine(), createLine()];
  let start = piece.indexOf(newline) + 1;
  let length = piece.copy(shrunk, 0, 0, start);
  for (let end = piece.indexOf(newline, start); end !== -1; end = piece.indexOf(newline, start)) {
    let written = 0;
    if (startsSample(piece, start, end)) {
      setLine(line, piece, start, end);
      findNumbers(line);
      if (isAlike(line, before)) written = writeDifferences(shrunk, length, line, before);
      [before, line] = [line, before];
    }
    length += written > 0 ? written : piece.copy(shrunk, length, start, end);
    shrunk[length] = newline;
    length += 1;
    start = end + 1;
  }
  length += piece.copy(shrunk, length, start);
  return shrunk.subarray(0, length);
}

/**
 * Makes a reader that gives each line back as it was written: null where it is so already. The bytes are overwritten by the next call.
 * @throws SyntaxError where the differences are not those of the sample's line before.
 */
export function createLineRestorer(): (bytes: Buffer, start: number, end: number) => Buffer | null {
  let [before, line] = [createLine(), createLine()];
  let isNumbered = false;
  return (bytes, start, end) => {
    if (bytes[start] !== equals) {
      if (startsSample(bytes, start, end)) {
        setLine(before, bytes, start, end);
        isNumbered = false;
      }
      return null;
    }
    if (!isNumbered) findNumbers(before);
    isNumbered = true;
    restore(line, before, bytes.subarray(start + 1, end));
    [before, line] = [line, before];
    return before.bytes.subarray(0, before.length);
  };
}

function createLine(): NumberedLine {
  return {
    bytes: Buffer.alloc(0),
    length: 0,
    count: 0,
    starts: new Int32Array(0),
    ends: new Int32Array(0),
  };
}

function setLine(line: NumberedLine, bytes: Buffer, start: number, end: number): void {
  reserve(line, end - start);
  line.length = bytes.copy(line.bytes, 0, start, end);
  line.count = 0;
}

/** A number has a byte at least, and another one behind it. */
function reserve(line: NumberedLine, length: number): void {
  if (line.bytes.length >= length) return;
  const capacity = 2 * length;
  line.bytes = Buffer.alloc(capacity);
  line.starts = new Int32Array(capacity / 2 + 1);
  line.ends = new Int32Array(capacity / 2 + 1);
}

function startsSample(bytes: Buffer, start: number, end: number): boolean {
  const behind = start + sampleStartBytes.length;
  return (
    behind <= end &&
    bytes.compare(sampleStartBytes, 0, sampleStartBytes.length, start, behind) === 0
  );
}

function findNumbers(line: NumberedLine): void {
  const { bytes, length, starts, ends } = line;
  let count = 0;
  for (let at = 0; at < length; at += 1) {
    if (!isDigit(bytes[at])) continue;
    starts[count] = at;
    while (at < length && (isDigit(bytes[at]) || bytes[at] === dot)) at += 1;
    ends[count] = at;
    count += 1;
  }
  line.count = count;
}

/** Whether the lines have the same bytes between their numbers. */
function isAlike(line: NumberedLine, before: NumberedLine): boolean {
  if (line.count === 0 || line.count !== before.count) return false;
  for (let index = 0; index <= line.count; index += 1) {
    let at = endOf(line, index - 1);
    let beforeAt = endOf(before, index - 1);
    const end = startOf(line, index);
    if (end - at !== startOf(before, index) - beforeAt) return false;
    for (; at < end; at += 1, beforeAt += 1) {
      if (line.bytes[at] !== before.bytes[beforeAt]) return false;
    }
  }
  return true;
}

/** Answers how many bytes it wrote; 0 where they would be no fewer than the line's. */
function writeDifferences(
  into: Buffer,
  offset: number,
  line: NumberedLine,
  before: NumberedLine,
): number {
  const limit = offset + line.length;
  let at = offset;
  into[at++] = equals;
  for (let index = 0; index < line.count; index += 1) {
    const text = index === 0 ? "" : ",";
    const entry = text + renderDifference(line, before, index);
    if (at + entry.length >= limit) return 0;
    at += into.write(entry, at, "latin1");
  }
  return at - offset;
}

function renderDifference(line: NumberedLine, before: NumberedLine, index: number): string {
  const start = startOf(line, index);
  const end = endOf(line, index);
  const beforeStart = startOf(before, index);
  const beforeEnd = endOf(before, index);
  if (line.bytes.compare(before.bytes, beforeStart, beforeEnd, start, end) === 0) return "";
  const value = readInteger(line.bytes, start, end);
  const beforeValue = readInteger(before.bytes, beforeStart, beforeEnd);
  return value < 0 || beforeValue < 0
    ? `'${line.bytes.toString("latin1", start, end)}`
    : String(value - beforeValue);
}

function restore(line: NumberedLine, before: NumberedLine, entries: Buffer): void {
  // Each entry adds less to its number than it has bytes, or replaces it.
  reserve(line, before.length + entries.length);
  const { bytes, starts, ends } = line;
  let at = 0;
  let entryAt = 0;
  for (let index = 0; index < before.count; index += 1) {
    const isLast = index === before.count - 1;
    const behind = entries.indexOf(comma, entryAt);
    const entryEnd = isLast ? entries.length : behind;
    if (entryEnd === -1 || (isLast && behind !== -1)) fail(before);
    at += before.bytes.copy(bytes, at, endOf(before, index - 1), startOf(before, index));
    starts[index] = at;
    at = writeNumber(bytes, at, before, index, entries.subarray(entryAt, entryEnd));
    ends[index] = at;
    entryAt = entryEnd + 1;
  }
  if (before.count === 0) fail(before);
  at += before.bytes.copy(bytes, at, endOf(before, before.count - 1), before.length);
  line.length = at;
  line.count = before.count;
}

function writeNumber(
  into: Buffer,
  at: number,
  before: NumberedLine,
  index: number,
  entry: Buffer,
): number {
  const start = startOf(before, index);
  const end = endOf(before, index);
  if (entry.length === 0) return at + before.bytes.copy(into, at, start, end);
  if (entry[0] === quote) return at + entry.copy(into, at, 1);
  const isNegative = entry[0] === minus;
  const size = readInteger(entry, isNegative ? 1 : 0, entry.length);
  const beforeValue = readInteger(before.bytes, start, end);
  const value = isNegative ? beforeValue - size : beforeValue + size;
  if (size < 0 || beforeValue < 0 || value < 0) fail(before);
  return at + into.write(String(value), at, "latin1");
}

function fail({ count }: NumberedLine): never {
  throw new SyntaxError(
    count === 0
      ? "differences stand before the sample that they belong to"
      : "the differences are not those of the sample before",
  );
}

function startOf(line: NumberedLine, index: number): number {
  return index < line.count ? (line.starts[index] ?? 0) : line.length;
}

function endOf(line: NumberedLine, index: number): number {
  return index < 0 ? 0 : (line.ends[index] ?? 0);
}

/** -1 where it is none that a double holds exactly and gives back with the same digits. */
function readInteger(bytes: Buffer, start: number, end: number): number {
  const digits = end - start;
  if (digits === 0 || digits > exactDigits || (digits > 1 && bytes[start] === zero)) return -1;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - zero;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= zero + 9;
}
