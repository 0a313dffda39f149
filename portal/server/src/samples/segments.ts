// Tables axis and segment: sealed hours.
import type { TenantDb } from "../db/tenant-db.ts";
import { copyRows, float8, int2, int4, type Field } from "./binary-copy.ts";
import type { MachineRef } from "./block.ts";
import { idOf } from "./dictionary.ts";
import { orderForPages } from "./pages.ts";
import type { EncodedHour } from "./hour.ts";

/** An hour as it lies in the tables; columns by metric id. */
export interface StoredHour {
  hour: number;
  rowCount: number;
  axis: Buffer;
  bodies: Map<number, Buffer>;
}

interface SegmentRow {
  hour: number;
  row_count: number;
  axis: Buffer;
  metric_id: number | null;
  body: Buffer | null;
}

/** Holds back every other writer of the machine's samples until the transaction ends. */
export async function lockMachine(db: TenantDb, machine: MachineRef): Promise<void> {
  await db.query("SELECT pg_advisory_xact_lock(hashtext(current_schema()), $1::integer)", [
    machine.id,
  ]);
}

/** Hours from `fromHour` (inclusive) to `toHour` (exclusive) that have samples, ascending, with their number of rows. */
export async function listHours(
  db: TenantDb,
  machine: MachineRef,
  { fromHour, toHour }: { fromHour: number; toHour: number },
): Promise<{ hour: number; rowCount: number }[]> {
  const rows = await db.query<{ hour: number; row_count: number }>(
    `SELECT hour, row_count FROM axis
     WHERE machine_id = $1 AND hour >= $2 AND hour < $3 ORDER BY hour`,
    [machine.id, fromHour, toHour],
  );
  return rows.map(({ hour, row_count }) => ({ hour, rowCount: row_count }));
}

/** Those of the hours that have samples, ascending. `metricIds` picks columns; without it all of them are read. */
export async function readHours(
  db: TenantDb,
  machine: MachineRef,
  { hours, metricIds }: { hours: readonly number[]; metricIds?: readonly number[] },
): Promise<StoredHour[]> {
  const rows =
    metricIds === undefined
      ? await db.query<SegmentRow>(
          `SELECT a.hour, a.row_count, a.body AS axis, s.metric_id, s.body
           FROM axis a LEFT JOIN segment s ON s.machine_id = a.machine_id AND s.hour = a.hour
           WHERE a.machine_id = $1 AND a.hour = ANY($2::integer[]) ORDER BY a.hour, s.metric_id`,
          [machine.id, hours],
        )
      : await db.query<SegmentRow>(
          `SELECT a.hour, a.row_count, a.body AS axis, s.metric_id, s.body
           FROM axis a LEFT JOIN segment s
             ON s.machine_id = a.machine_id AND s.hour = a.hour AND s.metric_id = ANY($3::integer[])
           WHERE a.machine_id = $1 AND a.hour = ANY($2::integer[]) ORDER BY a.hour, s.metric_id`,
          [machine.id, hours, metricIds],
        );
  const stored: StoredHour[] = [];
  for (const { hour, row_count: rowCount, axis, metric_id: metricId, body } of rows) {
    let last = stored.at(-1);
    if (last?.hour !== hour) {
      last = { hour, rowCount, axis, bodies: new Map() };
      stored.push(last);
    }
    if (metricId !== null && body !== null) last.bodies.set(metricId, body);
  }
  return stored;
}

/** Puts these hours in the place of what is there. */
export async function replaceHours(
  db: TenantDb,
  machine: MachineRef,
  {
    hours,
    metricIds,
  }: { hours: ReadonlyMap<number, EncodedHour>; metricIds: ReadonlyMap<string, number> },
): Promise<void> {
  // The segments go with their axis.
  await db.query("DELETE FROM axis WHERE machine_id = $1 AND hour = ANY($2::integer[])", [
    machine.id,
    [...hours.keys()],
  ]);
  const machineId = int4(machine.id);
  await copyRows(
    db,
    "COPY axis (machine_id, hour, row_count, body) FROM STDIN (FORMAT binary)",
    axisRows(machineId, hours),
  );
  await copyRows(
    db,
    "COPY segment (machine_id, hour, metric_id, count, min, max, sum, body) FROM STDIN (FORMAT binary)",
    orderForPages([...segmentRows(machineId, hours, metricIds)]),
  );
}

function* axisRows(machineId: Buffer, hours: ReadonlyMap<number, EncodedHour>): Generator<Field[]> {
  for (const [hour, { rowCount, axis }] of hours) {
    if (rowCount > 0) yield [machineId, int4(hour), int2(rowCount), axis];
  }
}

function* segmentRows(
  machineId: Buffer,
  hours: ReadonlyMap<number, EncodedHour>,
  metricIds: ReadonlyMap<string, number>,
): Generator<Field[]> {
  for (const [hour, { columns }] of hours) {
    for (const [name, { count, min, max, sum, body }] of columns) {
      const metricId = int4(idOf(metricIds, name));
      yield [
        machineId,
        int4(hour),
        metricId,
        int2(count),
        float8(min),
        float8(max),
        float8(sum),
        body,
      ];
    }
  }
}
