// The CSV standard, read. RFC 4180, UTF-8, comma, dot, one header, rows ascending in time.
// Cells are numbers, a time and a machine id; quotes are therefore rare and may be slower.
import type { MetricColumn } from "../columns.ts";
import type { Fault } from "../problem.ts";
import { lineFeed } from "./cells.ts";
import { createDamageList, type CsvDamage } from "./damage.ts";
import { createFaultList } from "./faults.ts";
import { readHeader } from "./header.ts";
import { maxRecordBytes, splitRecords, unquoteRecord } from "./records.ts";
import { createRowReader, type RowReader } from "./rows.ts";

export interface CsvHeader {
  /** The metric columns, in the file's order; `CsvBlock.values` has the same order. */
  columns: MetricColumn[];
}

/** Some consecutive rows of one machine. The arrays belong to the parser and are overwritten after the call. */
export interface CsvBlock {
  machineId: string;
  rowCount: number;
  /** Line of the first row in the file, from 1; the header is line 1. */
  firstLine: number;
  /** Whole Unix seconds; the first `rowCount` entries hold. */
  timestampsS: Float64Array;
  /** An array a metric column; NaN is a gap. The first `rowCount` entries hold. */
  values: Float64Array[];
}

export interface CsvParserOptions {
  /** Called once, before the first block. */
  onHeader: (header: CsvHeader) => void;
  /** Not called any more once a fault has been found: the file is refused as a whole. */
  onBlock: (block: CsvBlock) => void;
  /** Largest number of rows in a block. */
  blockRows?: number;
  /** How many faults are described; all are counted. */
  maxFaults?: number;
  /**
   * Cells that hold no possible value become gaps, rows that nobody can use are left out, and the summary's `damage` tells
   * of both; faults are then only those of the header. Quoted cells end with their line.
   */
  lenient?: boolean;
}

export interface CsvSummary {
  /** Without those that were left out. */
  rowCount: number;
  /** All faults, also those that are not in `faults`. */
  faultCount: number;
  faults: Fault[];
  /** Of each machine that has any; empty unless the parser is lenient. */
  damage: CsvDamage[];
  /** For example unknown columns, or timestamps with fractions of a second. */
  warnings: string[];
}

export interface CsvParser {
  /** Takes any cut of the file, also in the middle of a character. */
  write(bytes: Uint8Array): void;
  /** Must be called once, behind the last byte. */
  end(): CsvSummary;
}

/** Of each kind: enough to see what is wrong. */
const describedDamage = 5;

/**
 * Reads what `write` is given; throws only what `onHeader` and `onBlock` throw. Cells are decimals (15 digits and fewer by
 * mantissa and power of ten, which is exact), times Unix seconds, Unix milliseconds or RFC 3339, cut to whole seconds.
 */
export function createCsvParser(options: CsvParserOptions): CsvParser {
  const { onHeader, onBlock, blockRows = 1024, maxFaults = 100, lenient = false } = options;
  const faults = createFaultList(maxFaults);
  const damage = lenient ? createDamageList(describedDamage) : null;
  const warnings: string[] = [];
  let rows: RowReader | null = null;
  let stopped = false;
  const splitter = splitRecords({
    readPlain(bytes, from, to, firstLine) {
      if (rows !== null) return rows.readPlain(bytes, from, to, firstLine);
      const end = bytes.indexOf(lineFeed, from) + 1;
      readFirst(bytes, from, end);
      // startRows() has set it, which the compiler cannot see.
      const started = rows as RowReader | null;
      return 1 + (started === null ? 0 : started.readPlain(bytes, end, to, firstLine + 1));
    },
    readQuoted(bytes, from, to, line) {
      if (rows === null) readFirst(bytes, from, to);
      else rows.readQuoted(bytes, from, to, line);
    },
    spansLines: () => rows === null || !lenient,
    refuseLong(line) {
      const message = `The line is longer than ${maxRecordBytes} bytes: it is no row.`;
      if (rows === null || damage === null) {
        stop(line, `${message} Reading ended here.`);
        return;
      }
      damage.dropRow("width", () => ({ line, message }));
      damage.endRow("");
    },
    expectTail() {
      rows?.expectTorn();
    },
    refuseOpen(line) {
      stop(
        line,
        "A quote in this row is never closed: close it, or double it inside a quoted cell.",
      );
    },
  });
  return {
    write: (bytes) => splitter.write(bytes),
    end() {
      splitter.end();
      if (rows === null && !stopped)
        stop(1, "The file is empty: the first line must name the columns.");
      const rowCount = rows === null ? 0 : rows.end();
      return {
        rowCount,
        faultCount: faults.count,
        faults: faults.faults,
        damage: damage?.list() ?? [],
        warnings,
      };
    },
  };

  function readFirst(bytes: Uint8Array, from: number, to: number): void {
    const cells = parseHeaderCells(bytes, from, to);
    const plan = typeof cells === "string" ? stop(1, cells) : readHeader(cells, faults, warnings);
    if (plan === null) {
      stopped = true;
      splitter.stop();
      return;
    }
    rows = createRowReader(plan, { faults, damage, warnings, onBlock, blockRows });
    onHeader({ columns: plan.columns });
  }

  function stop(line: number, message: string): null {
    faults.add({ line, message });
    stopped = true;
    splitter.stop();
    return null;
  }
}

/** The header's cells, or what is wrong with it. */
function parseHeaderCells(bytes: Uint8Array, from: number, to: number): string[] | string {
  const record = unquoteRecord(bytes, from, to);
  if (bytes.subarray(from, to).includes(0)) {
    return "The header holds a NUL byte: the file is no text, or it is UTF-16. Save it as UTF-8.";
  }
  if (record.fault !== null)
    return `Column ${record.fault.cell + 1} of the header ${record.fault.message}`;
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let start = 0;
  try {
    return record.ends.map((end) => {
      const cell = utf8.decode(record.bytes.subarray(start, end));
      start = end;
      return cell;
    });
  } catch {
    return "The header is not UTF-8: save the file as UTF-8.";
  }
}
