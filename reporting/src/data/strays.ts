// Samples that are of quite another time than the others: of a clock that was not set yet when they were taken, or not rightly.

/** Samples that are left out, for they are far from all others. */
export interface Strays {
  count: number;
  /** Unix seconds of the first of them and the last. */
  firstS: number;
  lastS: number;
}

/** The rows that belong together, `from` (inclusive) to `to` (exclusive), and what lies beside them; null where nothing does. */
export interface MainStretch {
  from: number;
  to: number;
  strays: Strays | null;
}

/** Nobody waits for as long as this between two samples of one capture. */
export const leastLeapS = 30 * 86_400;
/** Share of all samples that can be strays: more of them are another capture. */
export const mostStrays = 0.25;

/**
 * All rows, unless a few are further from the others than these last: one such sample would make years of a day. `timestampsS` is
 * ascending.
 */
export function findMainStretch(timestampsS: Float64Array): MainStretch {
  const count = timestampsS.length;
  const at = (row: number): number => timestampsS[row] ?? NaN;
  const [firstS, lastS] = [at(0), at(count - 1)];
  const all = { from: 0, to: count, strays: null };
  if (!(lastS - firstS >= leastLeapS)) return all;
  const bounds = [0];
  for (let row = 1; row < count; row++) if (at(row) - at(row - 1) >= leastLeapS) bounds.push(row);
  bounds.push(count);
  const { from, to } = bounds
    .slice(1)
    .map((end, index) => ({ from: bounds[index] ?? 0, to: end }))
    .reduce((most, each) => (each.to - each.from > most.to - most.from ? each : most));
  const others = count - (to - from);
  const lengthS = at(to - 1) - at(from);
  const [before, behind] = [at(from) - at(from - 1), at(to) - at(to - 1)];
  if (others === 0 || others > mostStrays * count || before < lengthS || behind < lengthS)
    return all;
  const strays = {
    count: others,
    firstS: from > 0 ? firstS : at(to),
    lastS: to < count ? lastS : at(from - 1),
  };
  return { from, to, strays };
}
