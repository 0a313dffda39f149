// Column names and the ids that stand for them in the tables.
import type { TenantDb } from "../db/tenant-db.ts";

/** Ids of the names that the tenant has samples of; others are not in the map. */
export async function listMetricIds(
  db: TenantDb,
  names: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db.query<{ id: number; name: string }>(
    "SELECT id, name FROM metric WHERE name = ANY($1::text[])",
    [names],
  );
  return new Map(rows.map(({ id, name }) => [name, id]));
}

/** Ids of all the names, new ones where needed. */
export async function ensureMetricIds(
  db: TenantDb,
  names: readonly string[],
): Promise<Map<string, number>> {
  const known = await listMetricIds(db, names);
  // In one order everywhere, so that two transactions with the same new names wait for each other and never cross.
  const missing = names.filter((name) => !known.has(name)).toSorted();
  if (missing.length === 0) return known;
  await db.query(
    `INSERT INTO metric (name) SELECT unnest($1::text[]) ON CONFLICT (name) DO NOTHING`,
    [missing],
  );
  return listMetricIds(db, names);
}

/** Every metric's name by id. */
export async function listMetricNames(db: TenantDb): Promise<Map<number, string>> {
  const rows = await db.query<{ id: number; name: string }>("SELECT id, name FROM metric");
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** The name of an id that stands in a table. */
export function nameOf(names: ReadonlyMap<number, string>, id: number): string {
  const name = names.get(id);
  if (name === undefined) throw new RangeError(`Cannot read samples: metric ${id} has no name`);
  return name;
}

/** The id of a name that has been looked up or made. */
export function idOf(metricIds: ReadonlyMap<string, number>, name: string): number {
  const id = metricIds.get(name);
  if (id === undefined) throw new RangeError(`Cannot store samples: "${name}" has no id`);
  return id;
}
