import type { Corrections } from "../data/samples.ts";

/** Of a file in which nothing had to be set right. */
export function noCorrections(rowsRead: number): Corrections {
  return {
    rowsRead,
    duplicates: 0,
    contradictions: { rows: 0, otherMemory: 0 },
    outOfOrder: 0,
    strays: null,
    damagedCells: [],
    droppedRows: [],
  };
}
