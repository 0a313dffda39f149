/** How rows come into the order of time, and which of them become one. */
export interface RowOrder {
  /** Rows as they are, in the order of time; those of one time in that of the input. */
  rows: Uint32Array;
  /** For each of `rows`, the place of its time among the distinct ones. */
  targets: Uint32Array;
  /** Number of distinct times. */
  length: number;
}

/** Of rows in any order. `timestampsS` of the answer are ascending, without repetition. */
export function orderRows(timestampsS: Float64Array): {
  timestampsS: Float64Array;
  order: RowOrder;
} {
  const rows = Uint32Array.from(timestampsS, (_, row) => row);
  rows.sort((a, b) => (timestampsS[a] ?? NaN) - (timestampsS[b] ?? NaN) || a - b);
  const targets = new Uint32Array(rows.length);
  const distinct = new Float64Array(rows.length);
  let length = 0;
  for (let place = 0; place < rows.length; place++) {
    const time = timestampsS[rows[place] ?? 0] ?? NaN;
    if (length === 0 || time !== distinct[length - 1]) distinct[length++] = time;
    targets[place] = length - 1;
  }
  return { timestampsS: distinct.subarray(0, length), order: { rows, targets, length } };
}

/** The fewest rows whose moving puts all in order: those beside a longest ascending choice of them (patience sorting). */
export function countMisplaced(timestampsS: Float64Array): number {
  /** By length less one, the least time that such a choice ends with. */
  const ends = new Float64Array(timestampsS.length);
  let length = 0;
  for (const time of timestampsS) {
    let [from, to] = [0, length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((ends[middle] ?? NaN) <= time) from = middle + 1;
      else to = middle;
    }
    ends[from] = time;
    if (from === length) length++;
  }
  return timestampsS.length - length;
}

/** Of the rows of one time the first of the input stays, later ones fill its gaps: the portal merges uploads by the same rule. */
export function mergeRows(values: Float64Array, { rows, targets, length }: RowOrder): Float64Array {
  const merged = new Float64Array(length).fill(NaN);
  for (let place = 0; place < rows.length; place++) {
    const target = targets[place] ?? 0;
    const before = merged[target] ?? NaN;
    if (before !== before) merged[target] = values[rows[place] ?? 0] ?? NaN;
  }
  return merged;
}
