import type { CsvBlock, CsvHeader } from "@perfanalysis/contract/csv/parse";
import type { MetricColumn } from "@perfanalysis/contract/columns";
import type { Samples } from "./samples.ts";

const firstCapacity = 16_384;

/** Takes a parser's blocks and keeps one machine's rows; of the others it keeps but the number. */
export interface Collector {
  onHeader(header: CsvHeader): void;
  onBlock(block: CsvBlock): void;
  /** Rows a machine, in order of appearance. */
  machines: ReadonlyMap<string, number>;
  /** The machine's rows in the file's order; null where the file has none of it. */
  finish(): Samples | null;
}

export interface CollectorOptions {
  /** Whose rows are kept; by default those of the machine that comes first. */
  machineId?: string | undefined;
  /** Guess of the file's row count when `rows` have been read; saves copying where it is right. */
  estimateRows?: (rows: number) => number;
}

export function createCollector({ machineId, estimateRows }: CollectorOptions = {}): Collector {
  let wanted = machineId;
  let columns: MetricColumn[] = [];
  let timestampsS: Float64Array = new Float64Array(firstCapacity);
  let values: Float64Array[] = [];
  let rowCount = 0;
  const machines = new Map<string, number>();

  function reserve(rows: number): void {
    if (rows <= timestampsS.length) return;
    const capacity = Math.max(rows, 2 * timestampsS.length, estimateRows?.(rows) ?? 0);
    timestampsS = grow(timestampsS, rowCount, capacity);
    values = values.map((column) => grow(column, rowCount, capacity));
  }

  return {
    machines,
    onHeader(header) {
      columns = header.columns;
      values = columns.map(() => new Float64Array(firstCapacity));
    },
    onBlock(block) {
      machines.set(block.machineId, (machines.get(block.machineId) ?? 0) + block.rowCount);
      wanted ??= block.machineId;
      if (block.machineId !== wanted) return;
      reserve(rowCount + block.rowCount);
      timestampsS.set(block.timestampsS.subarray(0, block.rowCount), rowCount);
      for (const [index, column] of block.values.entries()) {
        values[index]?.set(column.subarray(0, block.rowCount), rowCount);
      }
      rowCount += block.rowCount;
    },
    finish() {
      if (wanted === undefined || rowCount === 0) return null;
      return {
        machineId: wanted,
        columns,
        timestampsS: timestampsS.subarray(0, rowCount),
        values: values.map((column) => column.subarray(0, rowCount)),
      };
    },
  };
}

function grow(array: Float64Array, used: number, capacity: number): Float64Array {
  const grown = new Float64Array(capacity);
  grown.set(array.subarray(0, used));
  return grown;
}
