// Reading samples, hot and sealed together.
import { parseColumn, sortColumns } from "@perfanalysis/contract/columns";
import type { TenantDb } from "../db/tenant-db.ts";
import { hourS, type MachineRef, type SampleBlock } from "./block.ts";
import { decodeValues } from "./codec.ts";
import { listMetricIds, listMetricNames } from "./dictionary.ts";
import { listHotHours, readHotHour } from "./hot.ts";
import { decodeHour, mergeHours, type HourRows } from "./hour.ts";
import { listHours, readHours, type StoredHour } from "./segments.ts";

/** Unix seconds, the first inclusive, the last exclusive. */
export interface TimeRange {
  fromS: number;
  toS: number;
}

/** Consecutive rows; a column by metric id, missing where it has no value in them. */
export interface Piece {
  timestampsS: Float64Array;
  columns: Map<number, Float64Array>;
}

const noRows: HourRows = { seconds: new Float64Array(), columns: new Map() };

/** Segments that are fetched at once, about 2 kB each. */
const segmentsPerFetch = 2000;

/**
 * Lets all that follows in the transaction see one state of the data, whatever is written meanwhile. Must be its first
 * statement; the transaction cannot write. Without it, rows that are sealed between two statements could be counted twice.
 */
export async function beginSnapshot(db: TenantDb): Promise<void> {
  await db.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

/** Columns of which the machine has samples, in the order in which columns are written. */
export async function listColumns(db: TenantDb, machine: MachineRef): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `SELECT name FROM metric
     WHERE EXISTS (SELECT FROM rollup WHERE machine_id = $1 AND metric_id = metric.id)
       OR id IN (SELECT unnest(metric_ids) FROM (SELECT DISTINCT metric_ids FROM hot WHERE machine_id = $1) AS layout)
     ORDER BY id`,
    [machine.id],
  );
  const columns = rows.flatMap(({ name }) => parseColumn(name) ?? []);
  return sortColumns(columns).map(({ name }) => name);
}

/** First and last sample in Unix seconds, or null where there is none. */
export async function readTimeRange(
  db: TenantDb,
  machine: MachineRef,
): Promise<{ startS: number; endS: number } | null> {
  const [row] = await db.query<{
    hot: (string | null)[];
    hours: (number | null)[];
  }>(
    `SELECT
       ARRAY[(SELECT min(time_s) FROM hot WHERE machine_id = $1), (SELECT max(time_s) FROM hot WHERE machine_id = $1)] AS hot,
       ARRAY[(SELECT min(hour) FROM axis WHERE machine_id = $1), (SELECT max(hour) FROM axis WHERE machine_id = $1)] AS hours`,
    [machine.id],
  );
  const times = (row?.hot ?? []).filter((time) => time !== null).map(Number);
  const hours = (row?.hours ?? []).filter((hour) => hour !== null);
  for (const { hour, axis } of await readHours(db, machine, { hours, metricIds: [] })) {
    const seconds = decodeValues(axis);
    times.push(hour * hourS + (seconds.at(0) ?? NaN), hour * hourS + (seconds.at(-1) ?? NaN));
  }
  if (times.length === 0) return null;
  return { startS: Math.min(...times), endS: Math.max(...times) };
}

/**
 * Rows in ascending order, at most an hour in a block; hours without samples give none. Every block has the same columns: those
 * that are asked for, in that order, or all that the machine has.
 */
export async function* readBlocks(
  db: TenantDb,
  machine: MachineRef,
  { fromS, toS, columns }: TimeRange & { columns?: readonly string[] | undefined },
): AsyncGenerator<SampleBlock> {
  const names = columns ?? (await listColumns(db, machine));
  const metricIds = await listMetricIds(db, names);
  const ids = [...metricIds.values()];
  // Hot before sealed: a row that is sealed in between is met twice, and merged, but never missed.
  const hotHours = await listHotHours(db, machine, { fromS, toS });
  const sealedHours = await listHours(db, machine, toHours({ fromS, toS }));
  const hours = [...new Set([...hotHours, ...sealedHours.map(({ hour }) => hour)])];
  hours.sort((a, b) => a - b);
  const allNames = hotHours.length === 0 ? new Map<number, string>() : await listMetricNames(db);
  for (const batch of inBatches(hours, ids.length)) {
    const hot = new Map<number, HourRows>();
    for (const hour of batch.filter((own) => hotHours.includes(own))) {
      hot.set(hour, await readHotHour(db, machine, { hour, toS, names: allNames }));
    }
    const stored = new Map(
      (await readHours(db, machine, { hours: batch, metricIds: ids })).map((own) => [
        own.hour,
        own,
      ]),
    );
    for (const hour of batch) {
      const rows = joinHour({ hot: hot.get(hour), stored: stored.get(hour), metricIds });
      const from = rows.seconds.findIndex((second) => hour * hourS + second >= fromS);
      const behind = rows.seconds.findIndex((second) => hour * hourS + second >= toS);
      const to = behind === -1 ? rows.seconds.length : behind;
      if (from === -1 || from >= to) continue;
      yield {
        columns: [...names],
        rowCount: to - from,
        timestampsS: rows.seconds.subarray(from, to).map((second) => hour * hourS + second),
        values: names.map(
          (name) =>
            rows.columns.get(name)?.subarray(from, to) ?? new Float64Array(to - from).fill(NaN),
        ),
      };
    }
  }
}

/** Hours that the range touches, the last exclusive. */
export function toHours({ fromS, toS }: TimeRange): { fromHour: number; toHour: number } {
  return { fromHour: Math.floor(fromS / hourS), toHour: Math.ceil(toS / hourS) };
}

/** Sealed rows of the range, ascending, of the hours that are known to have some. Only columns that are asked for. */
export async function* readPieces(
  db: TenantDb,
  machine: MachineRef,
  {
    fromS,
    toS,
    hours,
    metricIds,
  }: TimeRange & { hours: readonly number[]; metricIds: readonly number[] },
): AsyncGenerator<Piece> {
  for (const batch of inBatches(hours, metricIds.length)) {
    for (const { hour, axis, bodies } of await readHours(db, machine, {
      hours: batch,
      metricIds,
    })) {
      const startS = hour * hourS;
      const timestampsS = decodeValues(axis);
      for (let row = 0; row < timestampsS.length; row++)
        timestampsS[row] = startS + (timestampsS[row] ?? NaN);
      const from = startS >= fromS ? 0 : rowsBefore(timestampsS, fromS);
      const to = startS + hourS <= toS ? timestampsS.length : rowsBefore(timestampsS, toS);
      const columns = new Map<number, Float64Array>();
      for (const [id, body] of bodies) columns.set(id, decodeValues(body).subarray(from, to));
      yield { timestampsS: timestampsS.subarray(from, to), columns };
    }
  }
}

function rowsBefore(timestampsS: Float64Array, timeS: number): number {
  const row = timestampsS.findIndex((own) => own >= timeS);
  return row === -1 ? timestampsS.length : row;
}

function* inBatches(hours: readonly number[], columnCount: number): Generator<number[]> {
  const size = Math.max(1, Math.floor(segmentsPerFetch / Math.max(1, columnCount)));
  for (let start = 0; start < hours.length; start += size) yield hours.slice(start, start + size);
}

function joinHour({
  hot,
  stored,
  metricIds,
}: {
  hot: HourRows | undefined;
  stored: StoredHour | undefined;
  metricIds: ReadonlyMap<string, number>;
}): HourRows {
  const bodies = new Map<string, { body: Buffer }>();
  for (const [name, id] of metricIds) {
    const body = stored?.bodies.get(id);
    if (body !== undefined) bodies.set(name, { body });
  }
  const sealed = stored === undefined ? null : decodeHour({ axis: stored.axis, columns: bodies });
  if (sealed === null || hot === undefined) return sealed ?? hot ?? noRows;
  return mergeHours(sealed, hot).rows;
}
