import { percentiles } from "@perfanalysis/reporting/statistics/percentiles";
import type { TenantDb } from "../db/tenant-db.ts";
import type { MachineRef } from "./block.ts";
import { listMetricIds } from "./dictionary.ts";
import { readHot } from "./hot.ts";
import { summarize } from "./hour.ts";
import { readPieces, toHours, type Piece, type TimeRange } from "./read.ts";
import { listHours } from "./segments.ts";
import { TooManySamples } from "./too-many-samples.ts";

export interface StatisticsQuery extends TimeRange {
  columns: readonly string[];
  /** 0–1. */
  probabilities: readonly number[];
  /** Of one column: 32 MB, or 46 days at one sample a second. */
  maxRows?: number;
}

export interface SampleStatistics {
  column: string;
  /** Samples that are not gaps. Where it is 0, all else is NaN. */
  count: number;
  min: number;
  mean: number;
  max: number;
  /** One for each probability, exact, of the raw samples. */
  percentiles: number[];
}

/** Values of all columns together: about 2 s. */
const maxValues = 32_000_000;
/** Values that are held in memory at once. */
const maxHeld = 4_000_000;

/**
 * Of each column, in the order in which they are asked for. Throws TooManySamples where the range has too many samples for exact
 * percentiles. The transaction must have begun with `beginSnapshot`.
 */
export async function readStatistics(
  db: TenantDb,
  machine: MachineRef,
  { columns, probabilities, maxRows = 4_000_000, ...range }: StatisticsQuery,
): Promise<SampleStatistics[]> {
  const metricIds = await listMetricIds(db, columns);
  const hours = await listHours(db, machine, toHours(range));
  const rowCount = hours.reduce((sum, hour) => sum + hour.rowCount, 0);
  if (rowCount > maxRows || rowCount * columns.length > maxValues) {
    throw new TooManySamples(
      `exact percentiles of ${columns.length} columns with ${rowCount} rows; the limits are ${maxRows} rows and ${maxValues} values: ask for a shorter range or fewer columns`,
    );
  }
  const found = new Map<number, SampleStatistics>();
  const names = new Map([...metricIds].map(([name, id]) => [id, name]));
  const together = Math.max(1, Math.floor(maxHeld / Math.max(1, rowCount)));
  const ids = [...metricIds.values()];
  for (let start = 0; start < ids.length; start += together) {
    const some = ids.slice(start, start + together);
    const pieces: Piece[] = [await readHot(db, machine, { ...range, metricIds: some })];
    const read = { ...range, hours: hours.map(({ hour }) => hour), metricIds: some };
    for await (const piece of readPieces(db, machine, read)) pieces.push(piece);
    for (const id of some) {
      const parts = pieces.flatMap((piece) => piece.columns.get(id) ?? []);
      found.set(id, describe(names.get(id) ?? "", parts, probabilities));
    }
  }
  return columns.map(
    (name) => found.get(metricIds.get(name) ?? 0) ?? describe(name, [], probabilities),
  );
}

function describe(
  column: string,
  parts: readonly Float64Array[],
  probabilities: readonly number[],
): SampleStatistics {
  const values = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  const total = { count: 0, min: NaN, max: NaN, sum: 0 };
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
    const { count, min, max, sum } = summarize(part, 0, part.length);
    if (count === 0) continue;
    total.count += count;
    total.sum += sum;
    total.min = total.min <= min ? total.min : min;
    total.max = total.max >= max ? total.max : max;
  }
  return {
    column,
    count: total.count,
    min: total.min,
    mean: total.sum / total.count,
    max: total.max,
    percentiles: percentiles(values, probabilities),
  };
}
