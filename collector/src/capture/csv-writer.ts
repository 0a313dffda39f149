import type { CsvRenderer } from "@perfanalysis/contract/csv/write";
import { mostWaitS } from "./intervals.ts";
import type { OutputFile } from "./output-file.ts";
import type { RowSink } from "./row-sink.ts";

const blockRows = 512;

/** Collects rows in columns, and writes them by the block. */
export class CsvWriter implements RowSink {
  rows = 0;
  /** Rows that are from the same second as the one before, or from little before it. */
  lateRows = 0;
  /** How often a row is from long before the last: a clock was set back. */
  timesBack = 0;
  /** Whether any cell but those of time and machine is filled. */
  hasValues = false;
  /** Of the earliest row and the latest, whole Unix seconds; null where there is no row. */
  startS: number | null = null;
  endS: number | null = null;
  private lastS = Number.NEGATIVE_INFINITY;
  private readonly file: OutputFile;
  private readonly renderer: CsvRenderer;
  private readonly machineId: string;
  private readonly timestampsS = new Float64Array(blockRows);
  private names: readonly string[] = [];
  private columns: Float64Array[] = [];
  private rowCount = 0;

  constructor(file: OutputFile, renderer: CsvRenderer, machineId: string) {
    this.file = file;
    this.renderer = renderer;
    this.machineId = machineId;
  }

  setColumns(names: readonly string[]): void {
    this.flush();
    this.names = names;
    this.columns = names.map(() => new Float64Array(blockRows));
  }

  add(timestampS: number, _elapsedS: number | null, values: Float64Array): void {
    const behindS = this.lastS - timestampS;
    if (behindS >= 0 && behindS <= mostWaitS) {
      this.lateRows += 1;
      return;
    }
    if (behindS > 0) this.timesBack += 1;
    this.lastS = timestampS;
    const { columns, rowCount } = this;
    this.timestampsS[rowCount] = timestampS;
    for (let column = 0; column < columns.length; column += 1) {
      const cells = columns[column];
      const value = values[column] ?? Number.NaN;
      if (cells !== undefined) cells[rowCount] = value;
      if (!this.hasValues && !Number.isNaN(value)) this.hasValues = true;
    }
    this.rowCount += 1;
    this.rows += 1;
    this.startS = Math.min(timestampS, this.startS ?? timestampS);
    this.endS = Math.max(timestampS, this.endS ?? timestampS);
    if (this.rowCount === blockRows) this.flush();
  }

  end(): void {
    this.flush();
  }

  private flush(): void {
    if (this.rowCount === 0) return;
    const { machineId, rowCount, timestampsS, names, columns } = this;
    this.file.write(
      this.renderer.renderRows({
        machineId,
        rowCount,
        timestampsS,
        columns: names,
        values: columns,
      }),
    );
    this.rowCount = 0;
  }
}
