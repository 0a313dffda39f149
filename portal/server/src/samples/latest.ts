// Table latest: the newest sample of each machine.
import type { TenantDb } from "../db/tenant-db.ts";
import { hourS, type MachineRef } from "./block.ts";
import { decodeValues } from "./codec.ts";
import { toArrayText } from "./hot.ts";
import { readHours } from "./segments.ts";

export interface LatestSample {
  /** Unix seconds. */
  timeS: number;
  /** By column name; what was not measured at that time is missing. */
  values: Record<string, number>;
}

interface LatestRow {
  machine_id: number;
  time_s: string;
  metric_ids: number[];
  metric_values: number[];
}

/** By the machine's row id; a machine without samples is missing. */
export async function readLatest(
  db: TenantDb,
  machineIds: readonly number[],
): Promise<Map<number, LatestSample>> {
  const rows = await db.query<LatestRow>(
    `SELECT machine_id, time_s, metric_ids, metric_values FROM latest
     WHERE machine_id = ANY($1::integer[]) ORDER BY machine_id`,
    [machineIds],
  );
  const names = await listNames(db, rows);
  return new Map(
    rows.map(({ machine_id: id, time_s, metric_ids: ids, metric_values: numbers }) => [
      id,
      {
        timeS: Number(time_s),
        values: Object.fromEntries(
          ids.map((metricId, index) => [names.get(metricId) ?? "", numbers[index] ?? NaN]),
        ),
      },
    ]),
  );
}

/** Takes the sample if it is the newest. */
export async function advanceLatest(
  db: TenantDb,
  machine: MachineRef,
  { timeS, values }: { timeS: number; values: ReadonlyMap<number, number> },
): Promise<void> {
  const measured = [...values].filter(([, value]) => !Number.isNaN(value));
  await db.query(
    `INSERT INTO latest (machine_id, time_s, metric_ids, metric_values)
     VALUES ($1, $2, $3::integer[], $4::float8[])
     ON CONFLICT (machine_id) DO UPDATE
     SET time_s = excluded.time_s, metric_ids = excluded.metric_ids, metric_values = excluded.metric_values
     WHERE latest.time_s < excluded.time_s`,
    [
      machine.id,
      timeS,
      measured.map(([id]) => id),
      toArrayText(measured.map(([, value]) => value)),
    ],
  );
}

/** Finds the newest sample in the other tables. */
export async function refreshLatest(db: TenantDb, machine: MachineRef): Promise<void> {
  const [hot] = await db.query<LatestRow>(
    `SELECT machine_id, time_s, metric_ids, metric_values FROM hot
     WHERE machine_id = $1 ORDER BY time_s DESC LIMIT 1`,
    [machine.id],
  );
  const sealed = await readNewestSealed(db, machine);
  await db.query("DELETE FROM latest WHERE machine_id = $1", [machine.id]);
  if (sealed !== null) await advanceLatest(db, machine, sealed);
  if (hot === undefined) return;
  const values = new Map(hot.metric_ids.map((id, index) => [id, hot.metric_values[index] ?? NaN]));
  await advanceLatest(db, machine, { timeS: Number(hot.time_s), values });
}

async function readNewestSealed(
  db: TenantDb,
  machine: MachineRef,
): Promise<{ timeS: number; values: Map<number, number> } | null> {
  const [newest] = await db.query<{ hour: number }>(
    "SELECT hour FROM axis WHERE machine_id = $1 ORDER BY hour DESC LIMIT 1",
    [machine.id],
  );
  if (newest === undefined) return null;
  const [stored] = await readHours(db, machine, { hours: [newest.hour] });
  if (stored === undefined) return null;
  const second = decodeValues(stored.axis).at(-1) ?? NaN;
  const values = new Map<number, number>();
  for (const [id, body] of stored.bodies) values.set(id, decodeValues(body).at(-1) ?? NaN);
  return { timeS: stored.hour * hourS + second, values };
}

async function listNames(db: TenantDb, rows: readonly LatestRow[]): Promise<Map<number, string>> {
  const ids = [...new Set(rows.flatMap(({ metric_ids }) => metric_ids))];
  const names = await db.query<{ id: number; name: string }>(
    "SELECT id, name FROM metric WHERE id = ANY($1::integer[])",
    [ids],
  );
  return new Map(names.map(({ id, name }) => [id, name]));
}
