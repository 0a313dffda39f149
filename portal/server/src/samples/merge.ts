// Merging of rows into segments: the one way in which segments and rollups come about and change.
import type { TenantDb } from "../db/tenant-db.ts";
import { dayS, hourS, type MachineRef } from "./block.ts";
import { ensureMetricIds, listMetricNames, nameOf } from "./dictionary.ts";
import { deleteHot, listHotHours, readHotHour } from "./hot.ts";
import { decodeHour, encodeHour, mergeHours, type EncodedHour, type HourRows } from "./hour.ts";
import { rollUpHour, type Minutes } from "./minutes.ts";
import { updateRollups } from "./rollups.ts";
import { readHours, replaceHours } from "./segments.ts";

export interface Merged {
  /** Rows whose time was neither in `hot` nor in a segment. */
  newRows: number;
  /** Gaps of rows that were there and have a value now. */
  filledGaps: number;
}

/** An hour as it is to be from now on. */
export interface ChangedHour {
  encoded: EncodedHour;
  minutes: ReadonlyMap<string, Minutes>;
}

const hoursPerDay = dayS / hourS;

/** Merges the hours into the segments; of an hour that changes by that, all hot rows become part of its segments. */
export async function mergeIntoSegments(
  db: TenantDb,
  machine: MachineRef,
  added: ReadonlyMap<number, EncodedHour>,
): Promise<Merged> {
  const total: Merged = { newRows: 0, filledGaps: 0 };
  for (const [day, hours] of byDay(added.keys())) {
    const changed = new Map<number, ChangedHour>();
    const bases = await readBases(db, machine, { day, hours });
    for (const hour of hours) {
      const encoded = added.get(hour);
      if (encoded === undefined) continue;
      const base = await bases.read(hour);
      if (base === null) {
        total.newRows += encoded.rowCount;
        const minutes = encoded.minutes ?? rollUpHour(decodeHour(encoded));
        changed.set(hour, { encoded, minutes });
        continue;
      }
      const merged = mergeHours(base, decodeHour(encoded));
      if (merged.newRows + merged.filledGaps === 0) continue;
      total.newRows += merged.newRows;
      total.filledGaps += merged.filledGaps;
      changed.set(hour, toChanged(merged.rows));
      await deleteHot(db, machine, { fromS: hour * hourS, toS: (hour + 1) * hourS });
    }
    await writeDay(db, machine, { day, changed });
  }
  return total;
}

/** Makes segments of the hot rows before `beforeS`; returns how many rows these were. */
export async function sealIntoSegments(
  db: TenantDb,
  machine: MachineRef,
  { beforeS }: { beforeS: number },
): Promise<number> {
  let sealed = 0;
  for (const [day, hours] of byDay(await listHotHours(db, machine, { fromS: 0, toS: beforeS }))) {
    const changed = new Map<number, ChangedHour>();
    const names = await listMetricNames(db);
    const stored = await readNamedHours(db, machine, { hours, names });
    for (const hour of hours) {
      const hot = await readHotHour(db, machine, { hour, toS: beforeS, names });
      const before = stored.get(hour);
      changed.set(
        hour,
        toChanged(before === undefined ? hot : mergeHours(decodeHour(before), hot).rows),
      );
      sealed += hot.seconds.length;
    }
    await writeDay(db, machine, { day, changed });
  }
  await deleteHot(db, machine, { fromS: 0, toS: beforeS });
  return sealed;
}

/** Puts the hours, all of one day, in the place of what is in segments and rollups. An hour without rows vanishes. */
export async function writeDay(
  db: TenantDb,
  machine: MachineRef,
  { day, changed }: { day: number; changed: ReadonlyMap<number, ChangedHour> },
): Promise<void> {
  if (changed.size === 0) return;
  const names = new Set<string>();
  for (const { encoded } of changed.values()) {
    for (const name of encoded.columns.keys()) names.add(name);
  }
  const metricIds = await ensureMetricIds(db, [...names]);
  const hours = new Map([...changed].map(([hour, { encoded }]) => [hour, encoded]));
  await replaceHours(db, machine, { hours, metricIds });
  const minutes = new Map([...changed].map(([hour, own]) => [hour, own.minutes]));
  await updateRollups(db, machine, { day, hours: minutes, metricIds });
}

/** Days and their hours, in the order in which they come. */
export function byDay(hours: Iterable<number>): Map<number, number[]> {
  return Map.groupBy(hours, (hour) => Math.floor(hour / hoursPerDay));
}

export function toChanged(rows: HourRows): ChangedHour {
  return { encoded: encodeHour(rows), minutes: rollUpHour(rows) };
}

/** Sealed hours, still encoded, with columns by name. */
export async function readNamedHours(
  db: TenantDb,
  machine: MachineRef,
  { hours, names }: { hours: readonly number[]; names: ReadonlyMap<number, string> },
): Promise<Map<number, Parameters<typeof decodeHour>[0]>> {
  const stored = await readHours(db, machine, { hours });
  return new Map(
    stored.map(({ hour, axis, bodies }) => [
      hour,
      { axis, columns: new Map([...bodies].map(([id, body]) => [nameOf(names, id), { body }])) },
    ]),
  );
}

interface Bases {
  /** What is stored of the hour, sealed and hot; null where there is nothing. */
  read: (hour: number) => Promise<HourRows | null>;
}

async function readBases(
  db: TenantDb,
  machine: MachineRef,
  { day, hours }: { day: number; hours: readonly number[] },
): Promise<Bases> {
  const hotHours = await listHotHours(db, machine, { fromS: day * dayS, toS: (day + 1) * dayS });
  const names = await listMetricNames(db);
  const stored = await readNamedHours(db, machine, { hours, names });
  return {
    read: async (hour) => {
      const sealed = stored.get(hour);
      const rows = sealed === undefined ? null : decodeHour(sealed);
      if (!hotHours.includes(hour)) return rows;
      const hot = await readHotHour(db, machine, { hour, toS: Infinity, names });
      return rows === null ? hot : mergeHours(rows, hot).rows;
    },
  };
}
