import type { OrderCorrections, Samples } from "./samples.ts";

/**
 * Sorts rows by time and merges those of the same time: the first in the file stays, later ones fill its gaps (the
 * portal merges uploads by the same rule). Rows already in order are not copied.
 */
export function toOrderedSamples(rows: Samples): {
  samples: Samples;
  corrections: OrderCorrections;
} {
  const { timestampsS } = rows;
  const rowsRead = timestampsS.length;
  const { outOfOrder, repeats } = inspect(timestampsS);
  if (outOfOrder === 0 && repeats === 0) {
    return { samples: rows, corrections: { rowsRead, duplicates: 0, outOfOrder } };
  }
  const order = Uint32Array.from(timestampsS, (_, row) => row);
  if (outOfOrder > 0) {
    // Equal times keep the file's order.
    order.sort((a, b) => (timestampsS[a] ?? NaN) - (timestampsS[b] ?? NaN) || a - b);
  }
  const { firstRows, targets } = groupByTime(timestampsS, order);
  const samples: Samples = {
    ...rows,
    timestampsS: Float64Array.from(firstRows, (row) => timestampsS[row] ?? NaN),
    values: rows.values.map((values) =>
      mergeRows(values, { order, targets, length: firstRows.length }),
    ),
  };
  return {
    samples,
    corrections: { rowsRead, duplicates: rowsRead - firstRows.length, outOfOrder },
  };
}

function inspect(timestampsS: Float64Array): { outOfOrder: number; repeats: number } {
  let latest = -Infinity;
  let outOfOrder = 0;
  let repeats = 0;
  for (const time of timestampsS) {
    if (time < latest) outOfOrder++;
    else if (time === latest) repeats++;
    else latest = time;
  }
  return { outOfOrder, repeats };
}

/** `targets` holds, for each row in order of time, the place of its time among the distinct ones. */
function groupByTime(
  timestampsS: Float64Array,
  order: Uint32Array,
): { firstRows: number[]; targets: Uint32Array } {
  const firstRows: number[] = [];
  const targets = new Uint32Array(order.length);
  let previous = NaN;
  for (const [place, row] of order.entries()) {
    const time = timestampsS[row] ?? NaN;
    if (time !== previous) firstRows.push(row);
    previous = time;
    targets[place] = firstRows.length - 1;
  }
  return { firstRows, targets };
}

function mergeRows(
  values: Float64Array,
  { order, targets, length }: { order: Uint32Array; targets: Uint32Array; length: number },
): Float64Array {
  const merged = new Float64Array(length).fill(NaN);
  for (const [place, row] of order.entries()) {
    const target = targets[place] ?? 0;
    if (Number.isNaN(merged[target])) merged[target] = values[row] ?? NaN;
  }
  return merged;
}
