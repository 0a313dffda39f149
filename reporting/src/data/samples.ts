import type { MetricColumn } from "@perfanalysis/contract/columns";
import type { Fault } from "@perfanalysis/contract/problem";

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

/** Cells that hold no possible value of their metric, and are gaps therefore. */
export interface DamagedCells {
  /** Name of the CSV column as it stands in the input. */
  column: string;
  /** type: no number at all; range: one that the metric cannot have, such as a negative one or 150 %. */
  kind: "type" | "range";
  count: number;
  /** The first few, each with its line, column, original text and what is wrong with it. */
  first: Fault[];
}

/** Rows that nobody can use. */
export interface DroppedRows {
  /**
   * time: its timestamp is none; machine: its machine id is none; width: it has more or fewer cells than the header;
   * torn: the last line, cut off.
   */
  kind: "time" | "machine" | "width" | "torn";
  count: number;
  first: Fault[];
}
