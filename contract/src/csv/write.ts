// The CSV standard, written: the columns in the catalogue's order, a gap as an empty cell, numbers by their shortest digits that
// read back to the same double.
import { parseColumn, requiredColumns, sortColumns, type MetricColumn } from "../columns.ts";
import { comma, dot, lineFeed } from "./cells.ts";

/** Rows of one machine. */
export interface CsvRows {
  machineId: string;
  rowCount: number;
  /** Whole Unix seconds. */
  timestampsS: ArrayLike<number>;
  /** Names of metric columns. */
  columns: readonly string[];
  /** An array a column; NaN is a gap. */
  values: readonly ArrayLike<number>[];
}

export interface CsvRenderer {
  /** Names of all columns, `timestamp` and `machine_id` first. */
  readonly columns: readonly string[];
  renderHeader(): Uint8Array;
  /** Columns that the rows lack are gaps. Throws a RangeError for one that the renderer lacks, and for a number that CSV cannot hold. */
  renderRows(rows: CsvRows): Uint8Array;
}

/**
 * For rows with these metric columns; the required ones are added. Throws a RangeError for a name that the CSV standard
 * does not know.
 */
export function createCsvRenderer(metricColumns: Iterable<string>): CsvRenderer {
  const names = new Set([
    ...requiredColumns.filter((name) => parseColumn(name) !== null),
    ...metricColumns,
  ]);
  const columns = sortColumns(Array.from(names, parseKnownColumn)).map(({ name }) => name);
  let buffer = new Uint8Array(64 * 1024);
  return {
    columns: ["timestamp", "machine_id", ...columns],
    renderHeader: () =>
      new TextEncoder().encode(
        `${["timestamp", "machine_id", ...columns.map(quoteCell)].join(",")}\n`,
      ),
    renderRows,
  };

  function renderRows(rows: CsvRows): Uint8Array {
    const values = valuesByColumn(rows);
    const machineCell = new TextEncoder().encode(renderTextCell(rows.machineId));
    const mostBytes = machineCell.length + (columns.length + 1) * (longestNumber + 1) + 2;
    let at = 0;
    for (let row = 0; row < rows.rowCount; row++) {
      while (at + mostBytes > buffer.length) grow();
      at = writeNumber(buffer, at, rows.timestampsS[row] ?? Number.NaN);
      buffer[at++] = comma;
      buffer.set(machineCell, at);
      at += machineCell.length;
      for (let column = 0; column < values.length; column++) {
        buffer[at++] = comma;
        const value = values[column]?.[row] ?? Number.NaN;
        if (!Number.isNaN(value)) at = writeNumber(buffer, at, value);
      }
      buffer[at++] = lineFeed;
    }
    return buffer.slice(0, at);
  }

  function valuesByColumn(rows: CsvRows): (ArrayLike<number> | undefined)[] {
    const given = new Map(rows.columns.map((name, index) => [name, rows.values[index]]));
    const unknown = rows.columns.find((name) => !names.has(name));
    if (unknown !== undefined)
      throw new RangeError(`Cannot write rows: the header has no column "${unknown}"`);
    return columns.map((name) => given.get(name));
  }

  function grow(): void {
    const grown = new Uint8Array(2 * buffer.length);
    grown.set(buffer);
    buffer = grown;
  }
}

/** Writes the shortest digits that read back, and answers where they end. */
function writeNumber(buffer: Uint8Array, at: number, value: number): number {
  const small = value | 0;
  if (small === value && small >= 0) return writeWhole(buffer, at, small);
  // Rates are rounded to so many decimals; with 15 digits at most, these are the shortest that read back.
  if (value >= 0 && value < 1e11) {
    const tenThousandths = Math.round(value * 1e4);
    if (tenThousandths / 1e4 === value) {
      const whole = Math.floor(tenThousandths / 1e4);
      const end = whole < splitAt ? writeWhole(buffer, at, whole) : writeLarge(buffer, at, whole);
      return writeDecimals(buffer, end, tenThousandths - whole * 1e4);
    }
    const millionths = Math.round(value * 1e6);
    if (value < splitAt && millionths / 1e6 === value) {
      const whole = Math.floor(millionths / 1e6);
      return writeMillionths(buffer, writeWhole(buffer, at, whole), millionths - whole * 1e6);
    }
  } else if (value >= 0 && value < 1e15 && Number.isInteger(value)) {
    return writeLarge(buffer, at, value);
  }
  if (!Number.isFinite(value))
    throw new RangeError(`Cannot write ${value}: CSV has finite numbers and gaps`);
  const digits = String(value);
  for (let index = 0; index < digits.length; index++) buffer[at + index] = digits.charCodeAt(index);
  return at + digits.length;
}

/** A whole number below 2³¹. */
function writeWhole(buffer: Uint8Array, at: number, whole: number): number {
  if (whole < 10) {
    buffer[at] = zero + whole;
    return at + 1;
  }
  const end = at + digitCount(whole);
  let left = whole;
  let place = end;
  while (left >= 100) {
    const hundreds = (left / 100) | 0;
    place -= 2;
    writePair(buffer, place, left - hundreds * 100);
    left = hundreds;
  }
  if (left >= 10) writePair(buffer, place - 2, left);
  else buffer[place - 1] = zero + left;
  return end;
}

function writeLarge(buffer: Uint8Array, at: number, whole: number): number {
  const high = Math.floor(whole / splitAt);
  if (high === 0) return writeWhole(buffer, at, whole);
  const start = writeWhole(buffer, at, high);
  let left = (whole - high * splitAt) | 0;
  for (let place = start + splitDigits - 1; place >= start; place--) {
    const tenth = (left / 10) | 0;
    buffer[place] = zero + left - tenth * 10;
    left = tenth;
  }
  return start + splitDigits;
}

/** Up to four decimals; none where there is nothing behind the dot. */
function writeDecimals(buffer: Uint8Array, at: number, tenThousandths: number): number {
  if (tenThousandths === 0) return at;
  const hundredths = (tenThousandths / 100) | 0;
  buffer[at] = dot;
  writePair(buffer, at + 1, hundredths);
  writePair(buffer, at + 3, tenThousandths - hundredths * 100);
  return trimZeros(buffer, at + 5);
}

function writeMillionths(buffer: Uint8Array, at: number, millionths: number): number {
  const hundredths = (millionths / 1e4) | 0;
  const rest = millionths - hundredths * 1e4;
  const tenThousandths = (rest / 100) | 0;
  buffer[at] = dot;
  writePair(buffer, at + 1, hundredths);
  writePair(buffer, at + 3, tenThousandths);
  writePair(buffer, at + 5, rest - tenThousandths * 100);
  return trimZeros(buffer, at + 7);
}

function trimZeros(buffer: Uint8Array, end: number): number {
  let trimmed = end;
  while (buffer[trimmed - 1] === zero) trimmed--;
  return trimmed;
}

/** Two digits. */
function writePair(buffer: Uint8Array, at: number, pair: number): void {
  buffer[at] = tens[pair] ?? zero;
  buffer[at + 1] = ones[pair] ?? zero;
}

/** What a spreadsheet would run as a formula begins with an apostrophe, which readers of the CSV standard take off again. */
export function renderTextCell(text: string): string {
  return quoteCell(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
}

/** Longest text of a double: -2.2250738585072014e-308. */
const longestNumber = 24;
const zero = 48;
const splitDigits = 9;
const splitAt = 10 ** splitDigits;

/** Digits of the numbers below 100. */
const tens = Uint8Array.from({ length: 100 }, (_, pair) => zero + Math.floor(pair / 10));
const ones = Uint8Array.from({ length: 100 }, (_, pair) => zero + (pair % 10));

/** Of a whole number below 2³¹. */
function digitCount(whole: number): number {
  if (whole < 1e5)
    return whole < 100 ? (whole < 10 ? 1 : 2) : whole < 1e3 ? 3 : whole < 1e4 ? 4 : 5;
  return whole < 1e7 ? (whole < 1e6 ? 6 : 7) : whole < 1e8 ? 8 : whole < 1e9 ? 9 : 10;
}

function quoteCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function parseKnownColumn(name: string): MetricColumn {
  const column = parseColumn(name);
  if (column === null)
    throw new RangeError(`Cannot write column "${name}": the CSV standard does not know it`);
  return column;
}
