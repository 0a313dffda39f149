import type { CsvBlock, CsvHeader } from "@perfanalysis/contract/csv/parse";
import { createColumnStore, type ColumnStore } from "./column-store.ts";

/** Takes a parser's blocks and keeps one machine's rows; of the others it keeps but the number. */
export interface Collector {
  onHeader(header: CsvHeader): void;
  onBlock(block: CsvBlock): void;
  /** Rows a machine, in order of appearance. */
  machines: ReadonlyMap<string, number>;
  /** The machine's rows; null where the file has none of it. */
  finish(): ReturnType<ColumnStore["finish"]> | null;
}

export interface CollectorOptions {
  /** Whose rows are kept; by default those of the machine that comes first. */
  machineId?: string | undefined;
  /** Guess of the file's row count when `rows` have been read; saves copying where it is right. */
  estimateRows?: (rows: number) => number;
}

export function createCollector({ machineId, ...options }: CollectorOptions = {}): Collector {
  const store = createColumnStore(options);
  const machines = new Map<string, number>();
  let wanted = machineId;
  return {
    machines,
    onHeader(header) {
      for (const column of header.columns) store.addColumn(column);
    },
    onBlock(block) {
      machines.set(block.machineId, (machines.get(block.machineId) ?? 0) + block.rowCount);
      wanted ??= block.machineId;
      if (block.machineId === wanted) store.append(block);
    },
    finish: () => (wanted === undefined || store.rowCount === 0 ? null : store.finish(wanted)),
  };
}
