import type { MetricColumn } from "@perfanalysis/contract/columns";
import type { DamagedCells, DroppedRows } from "@perfanalysis/contract/csv/damage";
import type { Contradictions } from "./contradictions.ts";
import type { Strays } from "./strays.ts";

/** One machine's samples: times ascending without repetition, an array of values for each column. */
export interface Samples {
  machineId: string;
  columns: MetricColumn[];
  /** Whole Unix seconds. */
  timestampsS: Float64Array;
  /** By column and row; NaN is a gap. */
  values: Float64Array[];
  /** Where columns lie in a file: fills `room` with rows of one of them, from the first on or from another. Costs no array to throw away. */
  readColumn?: (index: number, room: Float64Array, fromRow?: number) => void;
}

/** What had to be set right on the way from the input to samples. */
export interface Corrections extends OrderCorrections {
  /** One for each column and kind that has any. */
  damagedCells: DamagedCells[];
  /** One for each kind that there was. */
  droppedRows: DroppedRows[];
}

export interface OrderCorrections {
  /** Rows of this machine in the file. */
  rowsRead: number;
  /** Rows whose time another row has already: dropped, after their values filled its gaps. */
  duplicates: number;
  /** Of the duplicates. */
  contradictions: Contradictions;
  /** The fewest rows whose moving puts all in order of time. */
  outOfOrder: number;
  /** Left out; null where there were none. */
  strays: Strays | null;
}

/**
 * Gives the memory of samples that nobody reads any more back at once, which the garbage collector would do when it sees a need: it
 * does not know of what others need. Their arrays are empty from then on.
 */
export function releaseSamples({ timestampsS, values }: Samples): void {
  // Those that lie in a file are not loaded to be let go.
  const inMemory = Object.values(Object.getOwnPropertyDescriptors(values)).flatMap(
    ({ value }: { value?: unknown }) => (value instanceof Float64Array ? [value] : []),
  );
  for (const { buffer } of [timestampsS, ...inMemory]) {
    if (buffer instanceof ArrayBuffer) buffer.transfer(0);
  }
}
