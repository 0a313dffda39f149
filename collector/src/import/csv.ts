// The CSV standard (contract/src/csv): what pcprocess, pcd's store and a portal's export write.
import type { MetricColumn } from "@perfanalysis/contract/columns";
import { createCsvParser, type CsvHeader, type CsvParser } from "@perfanalysis/contract/csv/parse";
import type { Fault } from "@perfanalysis/contract/problem";
import type { FormatReader } from "../capture/read.ts";
import { selectNames, type DeviceFilters } from "../sampling/devices.ts";
import type { ImportOptions } from "./import-reader.ts";
import type { ImportedRow } from "./imported-row.ts";

const newline = 10;
const comma = 44;

/**
 * Reads row by row, so that one that is damaged can be left out. Rates hold for the time since the row before; those of the first
 * row for as long as those of the second. Devices are all there that no filter leaves out: whoever wrote the file has chosen them.
 */
export function createCsvReader({ visitor, filters, summary }: ImportOptions): FormatReader {
  let header: Buffer | null = null;
  let parser: CsvParser | null = null;
  let columns: string[] = [];
  /** Where the columns stand among all of the file. */
  let places: number[] = [];
  let machineId: string | null = null;
  let read: ImportedRow | null = null;
  /** It waits for the second, which tells how long its interval was. */
  let first: ImportedRow | null = null;
  let beforeS = Number.NaN;

  return {
    line(bytes, start, end) {
      const line = Buffer.concat([bytes.subarray(start, end), Buffer.of(newline)]);
      if (header === null) header = readHeader(line);
      else readRow(line, header);
    },
    // RFC 4180 leaves the last line end out if it likes to.
    acceptsTail: (bytes, start, end) =>
      header !== null && countCommas(bytes.subarray(start, end)) === countCommas(header),
    end() {
      if (header === null) throw new SyntaxError("no line is a header of the CSV standard");
      giveFirst(null);
    },
  };

  function readHeader(line: Buffer): Buffer {
    const alone = createCsvParser({ onHeader: chooseColumns, onBlock: () => {} });
    alone.write(line);
    const { faults, warnings } = alone.end();
    if (faults[0] !== undefined) throw new SyntaxError(describeFault(faults[0]));
    summary.notes.push(...warnings);
    return line;
  }

  function chooseColumns({ columns: all }: CsvHeader): void {
    places = all.flatMap((column, place) => (isWanted(column, filters) ? [place] : []));
    columns = places.map((place) => all[place]?.name ?? "");
  }

  function readRow(line: Buffer, headerLine: Buffer): void {
    parser ??= startParser(headerLine);
    read = null;
    parser.write(line);
    // The parser has set it, which the compiler cannot see.
    const row = read as ImportedRow | null;
    if (row !== null) {
      give(row);
      return;
    }
    const { faults } = parser.end();
    parser = null;
    if (faults[0] !== undefined) throw new SyntaxError(describeFault(faults[0]));
  }

  /** Once it has found a fault, a parser gives no more rows. */
  function startParser(headerLine: Buffer): CsvParser {
    const started = createCsvParser({
      onHeader: () => {},
      onBlock: ({ machineId: id, timestampsS, values }) => {
        if (id !== machineId) visitor.host(id);
        machineId = id;
        read = {
          timestampS: timestampsS[0] ?? Number.NaN,
          elapsedS: null,
          columns,
          values: Float64Array.from(places, (place) => values[place]?.[0] ?? Number.NaN),
        };
      },
      blockRows: 1,
      maxFaults: 1,
    });
    started.write(headerLine);
    return started;
  }

  function give(row: ImportedRow): void {
    const elapsedS = row.timestampS - beforeS;
    row.elapsedS = elapsedS > 0 ? elapsedS : null;
    beforeS = row.timestampS;
    summary.samples += 1;
    if (summary.samples === 1) first = row;
    else {
      giveFirst(row.elapsedS);
      visitor.row(row);
    }
  }

  function giveFirst(elapsedS: number | null): void {
    if (first !== null) visitor.row({ ...first, elapsedS });
    first = null;
  }
}

function isWanted({ metric, device }: MetricColumn, filters: DeviceFilters): boolean {
  const { scope } = metric;
  if (device === null || scope === "machine" || scope === "cpu") return true;
  return selectNames([device], filters[scope]).length > 0;
}

function describeFault({ column, value, message }: Fault): string {
  const cell = value === undefined ? "" : ` is ${JSON.stringify(value)}`;
  return column === undefined ? message : `column ${column}${cell}: ${message}`;
}

function countCommas(line: Buffer): number {
  let count = 0;
  for (const byte of line) if (byte === comma) count += 1;
  return count;
}
