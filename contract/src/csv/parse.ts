// The CSV standard, read. RFC 4180, UTF-8, comma, dot, one header, rows ascending in time.
import type { MetricColumn } from "../columns.ts";
import type { Fault } from "../problem.ts";

export interface CsvHeader {
  /** The metric columns, in the file's order; `CsvBlock.values` has the same order. */
  columns: MetricColumn[];
  /** Header cells that the CSV standard does not know. Their cells are not read. */
  unknownColumns: string[];
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
  onHeader(header: CsvHeader): void;
  /** Not called any more once a fault has been found: the file is refused as a whole. */
  onBlock(block: CsvBlock): void;
  /** Largest number of rows in a block. */
  blockRows?: number;
  /** How many faults are described; all are counted. */
  maxFaults?: number;
}

export interface CsvSummary {
  rowCount: number;
  /** All faults, also those that are not in `faults`. */
  faultCount: number;
  faults: Fault[];
  /** For example unknown columns, or timestamps with fractions of a second. */
  warnings: string[];
}

export interface CsvParser {
  /** Takes any cut of the file, also in the middle of a character. */
  write(bytes: Uint8Array): void;
  /** Must be called once, behind the last byte. */
  end(): CsvSummary;
}
