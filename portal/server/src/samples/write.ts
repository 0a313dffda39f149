// Everything that changes the samples of a machine. Each function holds the machine's lock until its transaction ends, so that
// (machine, time) stays unique over hot and sealed samples. A row whose time exists is a duplicate: values stay, gaps are filled.
import type { TenantDb } from "../db/tenant-db.ts";
import { checkBlock, dayS, hourS, maxTimeS, type MachineRef, type SampleBlock } from "./block.ts";
import { decodeValues } from "./codec.ts";
import { ensureMetricIds, idOf, listMetricNames } from "./dictionary.ts";
import { deleteHot, fillHot, insertHot, listHotTimes, type HotRows } from "./hot.ts";
import { HourBuilder } from "./hour-builder.ts";
import { decodeHour, encodeHour, filterHour, type HourRows } from "./hour.ts";
import type { SampleImport } from "./import.ts";
import { advanceLatest, refreshLatest } from "./latest.ts";
import {
  mergeIntoSegments,
  readNamedHours,
  sealIntoSegments,
  toChanged,
  writeDay,
  type ChangedHour,
} from "./merge.ts";
import { lockMachine, readHours } from "./segments.ts";

export interface StoredRows {
  rowsImported: number;
  /** Rows whose time the machine had already. */
  rowsDuplicate: number;
}

export interface ImportedRows extends StoredRows {
  /** Unix seconds of the first and last row. */
  startS: number;
  endS: number;
}

/** Stores a whole capture as segments. Throws a RangeError where the import has no rows. */
export async function storeImport(
  db: TenantDb,
  machine: MachineRef,
  sampleImport: SampleImport,
): Promise<ImportedRows> {
  const hours = sampleImport.finish();
  const [first, last] = [hours.at(0), hours.at(-1)];
  if (first === undefined || last === undefined) {
    throw new RangeError("Cannot store an import: it has no rows");
  }
  await lockMachine(db, machine);
  const { newRows, filledGaps } = await mergeIntoSegments(db, machine, new Map(hours));
  if (newRows + filledGaps > 0) await refreshLatest(db, machine);
  return {
    rowsImported: newRows,
    rowsDuplicate: sampleImport.rowCount - newRows,
    startS: first[0] * hourS + (decodeValues(first[1].axis).at(0) ?? NaN),
    endS: last[0] * hourS + (decodeValues(last[1].axis).at(-1) ?? NaN),
  };
}

/** Stores rows as they stream in. */
export async function appendSamples(
  db: TenantDb,
  machine: MachineRef,
  block: SampleBlock,
): Promise<StoredRows> {
  checkBlock(block);
  await lockMachine(db, machine);
  const hours = toHours(block);
  const metricIds = await ensureMetricIds(db, block.columns);
  const sealed = await readSealedSeconds(db, machine, [...hours.keys()]);
  let rowsImported = 0;
  let filledGaps = 0;
  for (const [hour, rows] of hours) {
    const known = sealed.get(hour) ?? new Set();
    const fresh = toHotRows(
      filterHour(rows, (second) => !known.has(second)),
      hour,
      metricIds,
    );
    const stored = await appendHot(db, machine, fresh);
    rowsImported += stored.newRows;
    filledGaps += stored.filledGaps;
    // After the hot rows, which become part of the segments where a sealed row's gap is filled.
    const late = filterHour(rows, (second) => known.has(second));
    if (late.seconds.length === 0) continue;
    const merged = await mergeIntoSegments(db, machine, new Map([[hour, encodeHour(late)]]));
    filledGaps += merged.filledGaps;
  }
  if (filledGaps > 0) await refreshLatest(db, machine);
  return { rowsImported, rowsDuplicate: block.rowCount - rowsImported };
}

/** Makes segments of the streamed rows before `beforeS`, which reads no different. May be repeated at any time. */
export async function sealHot(
  db: TenantDb,
  machine: MachineRef,
  { beforeS }: { beforeS: number },
): Promise<{ rowsSealed: number }> {
  await lockMachine(db, machine);
  return { rowsSealed: await sealIntoSegments(db, machine, { beforeS }) };
}

/** Machines that have something to seal. */
export async function listUnsealed(
  db: TenantDb,
  { beforeS }: { beforeS: number },
): Promise<MachineRef[]> {
  return db.query<{ id: number }>(
    `SELECT id FROM machine
     WHERE EXISTS (SELECT FROM hot WHERE hot.machine_id = machine.id AND time_s < $1) ORDER BY id`,
    [beforeS],
  );
}

/** Deletes the samples from `fromS` (inclusive) to `toS` (exclusive), all of the machine's unless told. */
export async function deleteSamples(
  db: TenantDb,
  machine: MachineRef,
  { fromS = 0, toS = maxTimeS + 1 }: { fromS?: number; toS?: number } = {},
): Promise<void> {
  await lockMachine(db, machine);
  await deleteHot(db, machine, { fromS, toS });
  // Days that lie wholly within go at once, those at both ends hour by hour.
  const fromDay = Math.ceil(fromS / dayS);
  const toDay = Math.max(fromDay, Math.floor(toS / dayS));
  await db.query("DELETE FROM axis WHERE machine_id = $1 AND hour >= $2 AND hour < $3", [
    machine.id,
    (fromDay * dayS) / hourS,
    (toDay * dayS) / hourS,
  ]);
  await db.query("DELETE FROM rollup WHERE machine_id = $1 AND day >= $2 AND day < $3", [
    machine.id,
    fromDay,
    toDay,
  ]);
  for (const day of new Set([Math.floor(fromS / dayS), Math.floor(toS / dayS)])) {
    if (day >= fromDay && day < toDay) continue;
    await deleteInDay(db, machine, { day, fromS, toS });
  }
  await refreshLatest(db, machine);
}

async function deleteInDay(
  db: TenantDb,
  machine: MachineRef,
  { day, fromS, toS }: { day: number; fromS: number; toS: number },
): Promise<void> {
  const firstHour = Math.floor(Math.max(fromS, day * dayS) / hourS);
  const endHour = Math.ceil(Math.min(toS, (day + 1) * dayS) / hourS);
  const hours = Array.from({ length: Math.max(0, endHour - firstHour) }, (_, at) => firstHour + at);
  const changed = new Map<number, ChangedHour>();
  const names = await listMetricNames(db);
  for (const [hour, encoded] of await readNamedHours(db, machine, { hours, names })) {
    const startS = hour * hourS;
    const rows = decodeHour(encoded);
    changed.set(
      hour,
      toChanged(filterHour(rows, (second) => startS + second < fromS || startS + second >= toS)),
    );
  }
  await writeDay(db, machine, { day, changed });
}

interface Appended {
  newRows: number;
  filledGaps: number;
}

async function appendHot(db: TenantDb, machine: MachineRef, rows: HotRows): Promise<Appended> {
  if (rows.timestampsS.length === 0) return { newRows: 0, filledGaps: 0 };
  const known = await listHotTimes(db, machine, rows.timestampsS);
  const filledGaps =
    known.size === 0
      ? 0
      : await fillHot(
          db,
          machine,
          filterHot(rows, (timeS) => known.has(timeS)),
        );
  const fresh = filterHot(rows, (timeS) => !known.has(timeS));
  const newestS = fresh.timestampsS.at(-1);
  if (newestS === undefined) return { newRows: 0, filledGaps };
  await insertHot(db, machine, fresh);
  const values = new Map([...fresh.columns].map(([id, column]) => [id, column.at(-1) ?? NaN]));
  await advanceLatest(db, machine, { timeS: newestS, values });
  return { newRows: fresh.timestampsS.length, filledGaps };
}

/** Rows by hour, ascending, each time once. */
function toHours(block: SampleBlock): Map<number, HourRows> {
  const builders = new Map<number, HourBuilder>();
  for (let row = 0; row < block.rowCount; row++) {
    const hour = Math.floor((block.timestampsS[row] ?? NaN) / hourS);
    const builder = builders.get(hour) ?? new HourBuilder(hour);
    builder.append(block, row, row + 1);
    builders.set(hour, builder);
  }
  return new Map(
    [...builders].toSorted(([a], [b]) => a - b).map(([hour, own]) => [hour, own.toRows()]),
  );
}

async function readSealedSeconds(
  db: TenantDb,
  machine: MachineRef,
  hours: readonly number[],
): Promise<Map<number, Set<number>>> {
  const stored = await readHours(db, machine, { hours, metricIds: [] });
  return new Map(stored.map(({ hour, axis }) => [hour, new Set(decodeValues(axis))]));
}

function toHotRows(
  { seconds, columns }: HourRows,
  hour: number,
  metricIds: ReadonlyMap<string, number>,
): HotRows {
  return {
    timestampsS: seconds.map((second) => hour * hourS + second),
    columns: new Map([...columns].map(([name, values]) => [idOf(metricIds, name), values])),
  };
}

function filterHot({ timestampsS, columns }: HotRows, keep: (timeS: number) => boolean): HotRows {
  const kept = Array.from(timestampsS, keep);
  const pick = (values: Float64Array) => values.filter((_, row) => kept[row]);
  return {
    timestampsS: pick(timestampsS),
    columns: new Map([...columns].map(([id, values]) => [id, pick(values)])),
  };
}
