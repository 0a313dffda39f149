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
  let length = 0;
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
    length = 0;
    for (let row = 0; row < rows.rowCount; row++) {
      while (length + mostBytes > buffer.length) grow();
      writeNumber(rows.timestampsS[row] ?? Number.NaN);
      buffer[length++] = comma;
      buffer.set(machineCell, length);
      length += machineCell.length;
      for (const column of values) {
        buffer[length++] = comma;
        const value = column?.[row] ?? Number.NaN;
        if (!Number.isNaN(value)) writeNumber(value);
      }
      buffer[length++] = lineFeed;
    }
    return buffer.slice(0, length);
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
    grown.set(buffer.subarray(0, length));
    buffer = grown;
  }

  function writeNumber(value: number): void {
    if (value >= 0 && value < 1e13) {
      const hundredths = Math.round(value * 100);
      if (hundredths / 100 === value) {
        writeHundredths(hundredths);
        return;
      }
    }
    // Rates are rounded to so many decimals; with 15 digits at most, these are the shortest that read back.
    if (value >= 0 && value < 1e9) {
      const millionths = Math.round(value * 1e6);
      if (millionths / 1e6 === value) {
        writeMillionths(millionths);
        return;
      }
    }
    if (!Number.isFinite(value))
      throw new RangeError(`Cannot write ${value}: CSV has finite numbers and gaps`);
    const digits = String(value);
    for (let at = 0; at < digits.length; at++) buffer[length++] = digits.charCodeAt(at);
  }

  function writeHundredths(hundredths: number): void {
    const whole = Math.floor(hundredths / 100);
    const rest = hundredths - whole * 100;
    writeWhole(whole);
    if (rest === 0) return;
    const tenths = Math.floor(rest / 10);
    buffer[length++] = dot;
    buffer[length++] = zero + tenths;
    if (rest !== tenths * 10) buffer[length++] = zero + rest - tenths * 10;
  }

  function writeMillionths(millionths: number): void {
    const whole = Math.floor(millionths / 1e6);
    writeWhole(whole);
    buffer[length++] = dot;
    writeDigits(millionths - whole * 1e6, 6);
    while (buffer[length - 1] === zero) length--;
  }

  function writeWhole(whole: number): void {
    if (whole >= splitAt) {
      const high = Math.floor(whole / splitAt);
      writeWhole(high);
      writeDigits(whole - high * splitAt, splitDigits);
    } else {
      writeDigits(whole, digitCount(whole));
    }
  }

  function writeDigits(whole: number, count: number): void {
    let left = whole | 0;
    for (let at = length + count - 1; at >= length; at--) {
      const tenth = (left / 10) | 0;
      buffer[at] = zero + left - tenth * 10;
      left = tenth;
    }
    length += count;
  }
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

function digitCount(whole: number): number {
  let count = 1;
  for (let limit = 10; limit <= whole; limit *= 10) count++;
  return count;
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
