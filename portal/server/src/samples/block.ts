// Rows of samples in memory. NaN is a gap.

/** Some rows of one machine, in any order. */
export interface SampleBlock {
  /** Names of the CSV standard, each once. */
  columns: string[];
  rowCount: number;
  /** Whole Unix seconds; the first `rowCount` entries hold. */
  timestampsS: Float64Array;
  /** An array a column; the first `rowCount` entries hold. */
  values: Float64Array[];
}

/** The machine's row id; whoever has it has looked it up in the same tenant. */
export interface MachineRef {
  id: number;
}

export const hourS = 3600;
export const dayS = 86_400;

/** Throws a RangeError unless every time is a whole number of seconds from 1970 to the year 9999 and the arrays are long enough. */
export function checkBlock({ columns, rowCount, timestampsS, values }: SampleBlock): void {
  if (columns.length !== values.length || new Set(columns).size !== columns.length) {
    throw new RangeError(
      `Cannot store samples: ${columns.length} column names, ${new Set(columns).size} different ones, for ${values.length} columns`,
    );
  }
  if ([timestampsS, ...values].some((array) => array.length < rowCount)) {
    throw new RangeError(`Cannot store samples: a column has fewer than ${rowCount} rows`);
  }
  for (let row = 0; row < rowCount; row++) {
    const timeS = timestampsS[row] ?? NaN;
    if (!Number.isInteger(timeS) || timeS < 0 || timeS > maxTimeS) {
      throw new RangeError(
        `Cannot store samples: the time ${timeS} is not a whole number of seconds from 0 to ${maxTimeS}`,
      );
    }
  }
}

/** 9999-12-31T23:59:59Z: later times have no RFC 3339. */
export const maxTimeS = 253_402_300_799;
