/** Keeps the columns that were used last, as far as they have room. */
export interface ColumnCache {
  /** Calls `load` where the column is not kept. */
  get(key: number | string, load: () => Float64Array): Float64Array;
}

const defaultBytes = 40 * 2 ** 20;

export function createColumnCache(mostBytes = defaultBytes): ColumnCache {
  /** The one used last comes last. */
  const kept = new Map<number | string, Float64Array>();
  let bytes = 0;
  return {
    get(key, load) {
      const values = kept.get(key) ?? load();
      if (kept.delete(key)) bytes -= values.byteLength;
      for (const [oldest, { byteLength }] of kept) {
        if (bytes + values.byteLength <= mostBytes) break;
        kept.delete(oldest);
        bytes -= byteLength;
      }
      kept.set(key, values);
      bytes += values.byteLength;
      return values;
    },
  };
}
