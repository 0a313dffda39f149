// Samples by column as they come in: in memory while they are few, beyond that in a file without a name, a chunk of
// rows behind the other, each column of a chunk in one piece.
import type { MetricColumn } from "@perfanalysis/contract/columns";
import { createColumnCache } from "./column-cache.ts";
import { createGarbageLimit } from "./garbage.ts";
import { contradicts, countContradictions, type Contradictions } from "./contradictions.ts";
import { countMisplaced, mergeRows, orderRows, type RowOrder } from "./order.ts";
import type { OrderCorrections, Samples } from "./samples.ts";
import { openScratchFile, type ScratchFile } from "./scratch-file.ts";
import { findMainStretch, type MainStretch } from "./strays.ts";

/** Some consecutive rows; the first `rowCount` entries of each array hold. */
export interface RowBlock {
  rowCount: number;
  /** Whole Unix seconds. */
  timestampsS: Float64Array;
  /** By the store's columns; NaN is a gap, and so is what a column beyond the last has. */
  values: readonly Float64Array[];
}

export interface ColumnStore {
  /** The column's index. Its values in rows that are there already are gaps. */
  addColumn(column: MetricColumn): number;
  append(block: RowBlock): void;
  readonly columns: readonly MetricColumn[];
  readonly rowCount: number;
  /**
   * Rows in the order of time, those of one time merged, strays left out; columns in the given order, or in that in which they
   * came. The store takes no more.
   */
  finish(
    machineId: string,
    columns?: readonly MetricColumn[],
  ): { samples: Samples; corrections: OrderCorrections };
}

export interface ColumnStoreOptions {
  /** Guess of the number of rows when so many have come; saves copying where it is right. */
  estimateRows?: (rows: number) => number;
  /** Samples beyond this are set aside. */
  memoryBytes?: number;
  openFile?: () => ScratchFile;
}

/** A day at 1 s in 50 columns. */
const defaultMemoryBytes = 36 * 2 ** 20;
const firstCapacity = 1024;
const bytesOfValue = 8;

/** Columns that tell whether two rows are the same one: they may have to be read from a file. */
const mostCompared = 8;

function isMemory(column: MetricColumn | undefined): boolean {
  return column?.name === "mem_total";
}

/** Rows that were set aside. */
interface Chunk {
  rowCount: number;
  /** Where each column's values begin; the times come first. */
  places: number[];
}

export function createColumnStore(options: ColumnStoreOptions = {}): ColumnStore {
  const { estimateRows, memoryBytes = defaultMemoryBytes, openFile = openScratchFile } = options;
  const columns: MetricColumn[] = [];
  const chunks: Chunk[] = [];
  let file: ScratchFile | null = null;
  let mostBytes = memoryBytes;
  /** Of the rows in memory: the times first, then each column. */
  let arrays: Float64Array[] = [new Float64Array(firstCapacity)];
  let filled = 0;
  let latestS = Number.NEGATIVE_INFINITY;
  let rowsRead = 0;
  /** Of rows that were merged as they came. */
  const contradictions = { rows: 0, otherMemory: 0 };
  /** Whether some time stands behind a later one. */
  let isSorted = true;

  return {
    columns,
    get rowCount() {
      return rowsRead;
    },
    addColumn(column) {
      const values = new Float64Array(capacity());
      values.fill(Number.NaN, 0, filled);
      arrays.push(values);
      return columns.push(column) - 1;
    },
    append(block) {
      rowsRead += block.rowCount;
      let from = 0;
      for (let row = 0; row < block.rowCount; row++) {
        const timeS = block.timestampsS[row] ?? Number.NaN;
        if (timeS > latestS) {
          latestS = timeS;
          continue;
        }
        if (timeS < latestS) {
          isSorted = false;
          continue;
        }
        copy(block, from, row);
        from = row;
        // A row of another time may stand between.
        if (arrays[0]?.[filled - 1] !== timeS) continue;
        mergeIntoLast(block, row);
        from = row + 1;
      }
      copy(block, from, block.rowCount);
    },
    finish,
  };

  function capacity(): number {
    return arrays[0]?.length ?? 0;
  }

  function copy(block: RowBlock, from: number, to: number): void {
    for (let row = from; row < to;) {
      if (filled === capacity()) makeRoom();
      const end = Math.min(to, row + capacity() - filled);
      arrays[0]?.set(block.timestampsS.subarray(row, end), filled);
      for (let index = 1; index < arrays.length; index++) {
        const values = block.values[index - 1];
        if (values === undefined) arrays[index]?.fill(Number.NaN, filled, filled + end - row);
        else arrays[index]?.set(values.subarray(row, end), filled);
      }
      filled += end - row;
      row = end;
    }
  }

  /** The row's time is that of the last row: it only fills gaps, as the portal merges uploads. */
  function mergeIntoLast(block: RowBlock, row: number): void {
    let isContradicting = false;
    for (let index = 1; index < arrays.length; index++) {
      const array = arrays[index];
      const value = block.values[index - 1]?.[row] ?? Number.NaN;
      const kept = array?.[filled - 1] ?? Number.NaN;
      if (contradicts(value, kept)) {
        isContradicting = true;
        if (isMemory(columns[index - 1])) contradictions.otherMemory++;
      }
      if (array !== undefined && Number.isNaN(kept)) array[filled - 1] = value;
    }
    if (isContradicting) contradictions.rows++;
  }

  function makeRoom(): void {
    const most = Math.max(firstCapacity, Math.floor(mostBytes / bytesOfValue / arrays.length));
    if (filled >= most && setAside()) return;
    const wanted = Math.max(2 * capacity(), estimateRows?.(rowsRead) ?? 0);
    const next = Math.max(filled + 1, Math.min(wanted, filled >= most ? wanted : most));
    arrays = arrays.map((array) => {
      const grown = new Float64Array(next);
      grown.set(array.subarray(0, filled));
      return grown;
    });
  }

  /** Whether there was room for it elsewhere; if not, from now on everything stays in memory. */
  function setAside(): boolean {
    const rowCount = filled;
    try {
      const to = (file ??= openFile());
      const places = arrays.map((array) => to.append(array.subarray(0, rowCount)));
      chunks.push({ rowCount, places });
      filled = 0;
      return true;
    } catch (error) {
      if (!(error instanceof Error && "syscall" in error)) throw error;
      mostBytes = Number.POSITIVE_INFINITY;
      return false;
    }
  }

  function finish(
    machineId: string,
    inOrderOf: readonly MetricColumn[] = columns,
  ): { samples: Samples; corrections: OrderCorrections } {
    if (chunks.length > 0 && setAside()) arrays = [];
    const times = load(0);
    const sorted = isSorted ? { timestampsS: times, order: null } : orderRows(times);
    const { timestampsS: all, order } = sorted;
    const { from, to, strays } = findMainStretch(all);
    const choice = { order, from, to };
    const corrections = {
      rowsRead,
      duplicates: rowsRead - all.length,
      contradictions: contradictionsOf(order, rowsRead > all.length),
      outOfOrder: isSorted ? 0 : countMisplaced(times),
      strays,
    };
    const indices = inOrderOf.map((column) => columns.indexOf(column) + 1);
    const values =
      chunks.length > 0
        ? loadWhenAsked(indices, choice)
        : indices.map((index) => choose(load(index), choice));
    const timestampsS = all.subarray(from, to);
    const samples: Samples = { machineId, columns: [...inOrderOf], timestampsS, values };
    if (chunks.length > 0 && order === null) {
      samples.readColumn = (place, room, row = 0) => fill(room, indices[place] ?? NaN, from + row);
    }
    return { samples, corrections };
  }

  /** Of rows that come one behind the other all columns are compared, of others a few. */
  function contradictionsOf(order: RowOrder | null, hasDuplicates: boolean): Contradictions {
    if (order === null || !hasDuplicates) return contradictions;
    const compared = columns.flatMap((column, place) =>
      place < mostCompared || isMemory(column)
        ? [{ load: () => load(place + 1), isMemory: isMemory(column) }]
        : [],
    );
    const { rows, otherMemory } = countContradictions(order, compared);
    return {
      rows: contradictions.rows + rows,
      otherMemory: contradictions.otherMemory + otherMemory,
    };
  }

  /** An array whose elements are read from the file when somebody wants them. */
  function loadWhenAsked(indices: readonly number[], choice: Choice): Float64Array[] {
    const cache = createColumnCache();
    const noticeArray = createGarbageLimit();
    const rowCount = chunks.reduce((sum, chunk) => sum + chunk.rowCount, filled);
    const columnBytes = bytesOfValue * rowCount;
    const values: Float64Array[] = [];
    for (const [place, index] of indices.entries()) {
      const get = (): Float64Array =>
        cache.get(index, () => {
          noticeArray(columnBytes);
          return choose(load(index), choice);
        });
      Object.defineProperty(values, place, { get, enumerable: true });
    }
    return values;
  }

  /** Column 0 is the times. What is in memory alone is not copied. */
  function load(index: number): Float64Array {
    if (chunks.length === 0) return arrays[index]?.subarray(0, filled) ?? new Float64Array();
    const values = new Float64Array(chunks.reduce((sum, { rowCount }) => sum + rowCount, filled));
    fill(values, index, 0);
    return values;
  }

  /** Fills `room` with the column's rows from `from` on. */
  function fill(room: Float64Array, index: number, from: number): void {
    const to = from + room.length;
    let start = 0;
    for (const { rowCount, places } of chunks) {
      const [first, end] = [Math.max(from, start), Math.min(to, start + rowCount)];
      const place = places[index];
      if (first < end) {
        const part = room.subarray(first - from, end - from);
        if (place === undefined) part.fill(Number.NaN);
        else file?.read(place + bytesOfValue * (first - start), part);
      }
      start += rowCount;
    }
    if (to <= start) return;
    const inMemory = arrays[index]?.subarray(Math.max(0, from - start), to - start);
    if (inMemory !== undefined) room.set(inMemory, Math.max(0, start - from));
  }
}

/** Of a column's values. */
interface Choice extends Pick<MainStretch, "from" | "to"> {
  /** Null where they are in order. */
  order: RowOrder | null;
}

function choose(values: Float64Array, { order, from, to }: Choice): Float64Array {
  return (order === null ? values : mergeRows(values, order)).subarray(from, to);
}
