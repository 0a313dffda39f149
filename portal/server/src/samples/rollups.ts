// Table rollup: the minutes of sealed days.
import type { TenantDb } from "../db/tenant-db.ts";
import { copyRows, int4, type Field } from "./binary-copy.ts";
import type { MachineRef } from "./block.ts";
import {
  createMinutes,
  decodeMinutes,
  encodeMinutes,
  minutesPerDay,
  minutesPerHour,
  replaceMinutes,
  type EncodedMinutes,
  type Minutes,
} from "./minutes.ts";
import { orderForPages } from "./pages.ts";

const hoursPerDay = 24;

export interface StoredMinutes extends EncodedMinutes {
  day: number;
  metricId: number;
}

interface RollupRow extends EncodedMinutes {
  day: number;
  metric_id: number;
}

/** Days ascending, metrics ascending. Without `metricIds` all metrics are read. */
export async function readRollups(
  db: TenantDb,
  machine: MachineRef,
  { days, metricIds }: { days: readonly number[]; metricIds?: readonly number[] },
): Promise<StoredMinutes[]> {
  const rows =
    metricIds === undefined
      ? await db.query<RollupRow>(
          `SELECT day, metric_id, counts, minima, maxima, sums FROM rollup
           WHERE machine_id = $1 AND day = ANY($2::integer[]) ORDER BY day, metric_id`,
          [machine.id, days],
        )
      : await db.query<RollupRow>(
          `SELECT day, metric_id, counts, minima, maxima, sums FROM rollup
           WHERE machine_id = $1 AND day = ANY($2::integer[]) AND metric_id = ANY($3::integer[])
           ORDER BY day, metric_id`,
          [machine.id, days, metricIds],
        );
  return rows.map(({ metric_id: metricId, ...minutes }) => ({ ...minutes, metricId }));
}

/** Puts the minutes of the hours, all of which are of that day, in the place of what is stored. */
export async function updateRollups(
  db: TenantDb,
  machine: MachineRef,
  {
    day,
    hours,
    metricIds,
  }: {
    day: number;
    /** By column name; a column without a value in the hour may be missing. */
    hours: ReadonlyMap<number, ReadonlyMap<string, Minutes>>;
    metricIds: ReadonlyMap<string, number>;
  },
): Promise<void> {
  const before = new Map<number, EncodedMinutes>();
  if (hours.size < hoursPerDay) {
    for (const stored of await readRollups(db, machine, { days: [day] })) {
      before.set(stored.metricId, stored);
    }
  }
  const names = new Map([...metricIds].map(([name, id]) => [id, name]));
  const rows: Field[][] = [];
  for (const metricId of new Set([...before.keys(), ...metricIds.values()])) {
    const known = before.get(metricId);
    const minutes = known === undefined ? createMinutes(minutesPerDay) : decodeMinutes(known);
    for (const [hour, columns] of hours) {
      const own = columns.get(names.get(metricId) ?? "") ?? createMinutes(minutesPerHour);
      replaceMinutes(minutes, own, (hour % hoursPerDay) * minutesPerHour);
    }
    const encoded = encodeMinutes(minutes);
    if (encoded === null) continue;
    const { counts, minima, maxima, sums } = encoded;
    rows.push([int4(machine.id), int4(day), int4(metricId), counts, minima, maxima, sums]);
  }
  await db.query("DELETE FROM rollup WHERE machine_id = $1 AND day = $2", [machine.id, day]);
  await copyRows(
    db,
    "COPY rollup (machine_id, day, metric_id, counts, minima, maxima, sums) FROM STDIN (FORMAT binary)",
    orderForPages(rows),
  );
}
