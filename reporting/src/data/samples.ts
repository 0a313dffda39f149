import type { MetricColumn } from "@perfanalysis/contract/columns";
import type { DamagedCells, DroppedRows } from "@perfanalysis/contract/csv/damage";

/** One machine's samples: times ascending without repetition, an array of values for each column. */
export interface Samples {
  machineId: string;
  columns: MetricColumn[];
  /** Whole Unix seconds. */
  timestampsS: Float64Array;
  /** By column and row; NaN is a gap. */
  values: Float64Array[];
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
  /** Rows earlier than a row before them in the file. */
  outOfOrder: number;
}
