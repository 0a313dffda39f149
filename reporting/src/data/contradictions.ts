import type { RowOrder } from "./order.ts";

/** Rows of a time that another row has already, and of which they say something else: not the same samples once more. */
export interface Contradictions {
  rows: number;
  /** Those of them with another total memory: no machine has two at once. */
  otherMemory: number;
}

/** Whether the row with `value` says something else than the one with `kept`; a gap contradicts nothing. */
export function contradicts(value: number, kept: number): boolean {
  // Unlike itself is only NaN.
  return value !== kept && value === value && kept === kept;
}

/** Among rows in any order. */
export function countContradictions(
  { rows, targets }: RowOrder,
  columns: readonly { load: () => Float64Array; isMemory: boolean }[],
): Contradictions {
  const isContradicting = new Uint8Array(rows.length);
  let otherMemory = 0;
  for (const { load, isMemory } of columns) {
    const values = load();
    let kept = NaN;
    for (let place = 0; place < rows.length; place++) {
      const value = values[rows[place] ?? 0] ?? NaN;
      if (place === 0 || targets[place] !== targets[place - 1]) kept = value;
      else if (kept !== kept) kept = value;
      else if (contradicts(value, kept)) {
        isContradicting[place] = 1;
        if (isMemory) otherMemory++;
      }
    }
  }
  return { rows: isContradicting.reduce((sum, flag) => sum + flag, 0), otherMemory };
}
