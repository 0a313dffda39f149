import { createCsvRenderer } from "@perfanalysis/contract/csv/write";

/** A row of metrics and its columns. */
export interface MetricRow {
  timestampS: number;
  columns: readonly string[];
  values: Float64Array;
}

/** A row as it is sent. */
export interface RowLine {
  /** The CSV's first line, the same object as long as the columns are. */
  head: Buffer;
  line: Buffer;
}

/** Remembers what the last columns need: they change only with the devices. */
export function createRowRenderer(machineId: string): (row: MetricRow) => RowLine {
  let known: readonly string[] = [];
  let renderer = createCsvRenderer(known);
  let head = Buffer.from(renderer.renderHeader());
  /** A column is an array of one: they live as long as the columns do, since a tick should make little garbage. */
  let cells: Float64Array[] = [];
  return ({ timestampS, columns, values }) => {
    if (columns !== known) {
      known = columns;
      renderer = createCsvRenderer(columns);
      head = Buffer.from(renderer.renderHeader());
      cells = columns.map(() => new Float64Array(1));
    }
    cells.forEach((cell, column) => cell.fill(values[column] ?? Number.NaN));
    const line = renderer.renderRows({
      machineId,
      rowCount: 1,
      timestampsS: [timestampS],
      columns,
      values: cells,
    });
    return { head, line: Buffer.from(line.buffer, line.byteOffset, line.length) };
  };
}
