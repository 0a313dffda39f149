// Table hot: samples as they stream in, a row each.
import type { TenantDb } from "../db/tenant-db.ts";
import { hourS, type MachineRef } from "./block.ts";
import { nameOf } from "./dictionary.ts";
import { unite, type HourRows } from "./hour.ts";

/** Rows from `hot`, ascending in time; a column by metric id. */
export interface HotRows {
  timestampsS: Float64Array;
  columns: Map<number, Float64Array>;
}

/** Of a binary array of one dimension without nulls, as array_send() writes it: each element has its length before it. */
const arrayHeaderBytes = 20;
const arrayLengthBytes = 4;
const arrayElementBytes = arrayLengthBytes + 8;

/** Rows of the range in no order; columns that were not measured in it are gaps throughout. */
export async function readHot(
  db: TenantDb,
  machine: MachineRef,
  { fromS, toS, metricIds }: { fromS: number; toS: number; metricIds: readonly number[] },
): Promise<HotRows> {
  // Where the metrics stand in a row is found out once for all rows alike, and these come as one long value: time, then the
  // wanted values, of row after row.
  const layouts = await db.query<{ numbers: Buffer }>(
    `WITH own AS MATERIALIZED (
       SELECT time_s, metric_ids, metric_values FROM hot
       WHERE machine_id = $1 AND time_s >= $2 AND time_s < $3
     ), layout AS MATERIALIZED (
       SELECT metric_ids, ARRAY(
         SELECT array_position(metric_ids, wanted.id)
         FROM unnest($4::integer[]) WITH ORDINALITY AS wanted (id, number) ORDER BY number
       ) AS places
       FROM (SELECT DISTINCT metric_ids FROM own) AS distinct_layout
     )
     SELECT string_agg(float8send(time_s) || coalesce((
         SELECT string_agg(float8send(coalesce(metric_values[place], 'NaN')), ''::bytea ORDER BY number)
         FROM unnest(places) WITH ORDINALITY AS wanted (place, number)
       ), ''), ''::bytea) AS numbers
     FROM own JOIN layout USING (metric_ids) GROUP BY metric_ids`,
    [machine.id, fromS, toS, metricIds],
  );
  const width = 1 + metricIds.length;
  const rows = layouts.map(({ numbers }) => toNumbers(numbers));
  const pick = (at: number) =>
    Float64Array.from(
      rows.flatMap((own) =>
        Array.from({ length: own.length / width }, (_, row) => own[row * width + at] ?? NaN),
      ),
    );
  return {
    timestampsS: pick(0),
    columns: new Map(metricIds.map((id, index) => [id, pick(index + 1)])),
  };
}

/** Hours of which there are rows, ascending. */
export async function listHotHours(
  db: TenantDb,
  machine: MachineRef,
  { fromS, toS }: { fromS: number; toS: number },
): Promise<number[]> {
  const rows = await db.query<{ hour: number }>(
    `SELECT DISTINCT (time_s / 3600)::integer AS hour FROM hot
     WHERE machine_id = $1 AND time_s >= $2 AND time_s < $3 ORDER BY hour`,
    [machine.id, fromS, toS],
  );
  return rows.map(({ hour }) => hour);
}

/** All columns of one hour up to `toS`. */
export async function readHotHour(
  db: TenantDb,
  machine: MachineRef,
  { hour, toS, names }: { hour: number; toS: number; names: ReadonlyMap<number, string> },
): Promise<HourRows> {
  const startS = hour * hourS;
  const layouts = await db.query<{ metric_ids: number[]; times: Buffer; arrays: Buffer }>(
    `SELECT metric_ids, string_agg(float8send(time_s), ''::bytea ORDER BY time_s) AS times,
       string_agg(array_send(metric_values), ''::bytea ORDER BY time_s) AS arrays
     FROM hot WHERE machine_id = $1 AND time_s >= $2 AND time_s < $3 GROUP BY metric_ids`,
    [machine.id, startS, Math.min(startS + hourS, toS)],
  );
  const parts = layouts.map(({ metric_ids: ids, times, arrays }) => ({
    ids,
    seconds: toNumbers(times).map((timeS) => timeS - startS),
    arrays: new DataView(arrays.buffer, arrays.byteOffset, arrays.byteLength),
  }));
  const { seconds, rowOf } = unite(...parts.map((part) => part.seconds));
  const columns = new Map<string, Float64Array>();
  for (const { ids, seconds: own, arrays } of parts) {
    const rowBytes = arrayHeaderBytes + ids.length * arrayElementBytes;
    ids.forEach((id, index) => {
      const name = nameOf(names, id);
      const column = columns.get(name) ?? new Float64Array(seconds.length).fill(NaN);
      const at = arrayHeaderBytes + index * arrayElementBytes + arrayLengthBytes;
      own.forEach((second, row) => {
        column[rowOf[second] ?? 0] = arrays.getFloat64(row * rowBytes + at);
      });
      columns.set(name, column);
    });
  }
  return { seconds, columns };
}

export async function deleteHot(
  db: TenantDb,
  machine: MachineRef,
  { fromS, toS }: { fromS: number; toS: number },
): Promise<void> {
  await db.query("DELETE FROM hot WHERE machine_id = $1 AND time_s >= $2 AND time_s < $3", [
    machine.id,
    fromS,
    toS,
  ]);
}

/** Rows whose times are not in the table yet. */
export async function insertHot(
  db: TenantDb,
  machine: MachineRef,
  { timestampsS, columns }: HotRows,
): Promise<void> {
  const layouts = new Map<string, { metricIds: number[]; rows: number[] }>();
  for (let row = 0; row < timestampsS.length; row++) {
    const metricIds = [...columns.keys()].filter((id) => !Number.isNaN(columns.get(id)?.[row]));
    const layout = layouts.get(metricIds.join()) ?? { metricIds, rows: [] };
    layout.rows.push(row);
    layouts.set(metricIds.join(), layout);
  }
  for (const { metricIds, rows } of layouts.values()) {
    const numbers = rows.flatMap((row) => metricIds.map((id) => columns.get(id)?.[row] ?? NaN));
    // All these rows have the same metrics, so one flat array holds them and each row is a slice of it.
    await db.query(
      `INSERT INTO hot (machine_id, time_s, metric_ids, metric_values)
       SELECT $1, sample.time_s, $3::integer[],
         ($4::float8[])[((sample.number - 1) * $5 + 1)::integer : (sample.number * $5)::integer]
       FROM unnest($2::bigint[]) WITH ORDINALITY AS sample (time_s, number)`,
      [
        machine.id,
        rows.map((row) => timestampsS[row]),
        metricIds,
        toArrayText(numbers),
        metricIds.length,
      ],
    );
  }
}

/** Fills gaps of the rows with these times, all of which are in the table; returns how many. */
export async function fillHot(
  db: TenantDb,
  machine: MachineRef,
  { timestampsS, columns }: HotRows,
): Promise<number> {
  const stored = await db.query<{
    time_s: string;
    metric_ids: number[];
    metric_values: number[];
  }>(
    `SELECT time_s, metric_ids, metric_values FROM hot
     WHERE machine_id = $1 AND time_s = ANY($2::bigint[]) ORDER BY time_s`,
    [machine.id, [...timestampsS]],
  );
  let filledGaps = 0;
  for (const { time_s, metric_ids: ids, metric_values: numbers } of stored) {
    const row = timestampsS.indexOf(Number(time_s));
    const values = new Map(ids.map((id, index) => [id, numbers[index] ?? NaN]));
    const before = filledGaps;
    for (const [id, column] of columns) {
      const value = column[row] ?? NaN;
      if (Number.isNaN(value) || !Number.isNaN(values.get(id) ?? NaN)) continue;
      values.set(id, value);
      filledGaps++;
    }
    if (filledGaps === before) continue;
    await db.query(
      `UPDATE hot SET metric_ids = $3::integer[], metric_values = $4::float8[]
       WHERE machine_id = $1 AND time_s = $2`,
      [machine.id, time_s, [...values.keys()], toArrayText([...values.values()])],
    );
  }
  return filledGaps;
}

/** Those of the times that are in the table. */
export async function listHotTimes(
  db: TenantDb,
  machine: MachineRef,
  timestampsS: Float64Array,
): Promise<Set<number>> {
  const rows = await db.query<{ time_s: string }>(
    "SELECT time_s FROM hot WHERE machine_id = $1 AND time_s = ANY($2::bigint[])",
    [machine.id, [...timestampsS]],
  );
  return new Set(rows.map(({ time_s }) => Number(time_s)));
}

/** An array of numbers as PostgreSQL reads it without losing a bit. */
export function toArrayText(numbers: readonly number[]): string {
  return `{${numbers.map((value) => (Object.is(value, -0) ? "-0" : String(value))).join(",")}}`;
}

function toNumbers(bigEndian: Buffer): Float64Array {
  const bytes = Uint8Array.from(bigEndian);
  Buffer.from(bytes.buffer).swap64();
  return new Float64Array(bytes.buffer);
}
