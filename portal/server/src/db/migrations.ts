import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** One numbered SQL file. Its checksum is kept, so that an edit after it was applied is noticed. */
export interface Migration {
  version: number;
  /** File name. */
  name: string;
  text: string;
  /** SHA-256, hexadecimal. */
  checksum: string;
}

export interface Migrations {
  control: Migration[];
  tenant: Migration[];
}

export const migrationsDirectory = join(import.meta.dirname, "../../migrations");

export async function readMigrations(directory: string): Promise<Migrations> {
  const [control, tenant] = await Promise.all([
    readFolder(join(directory, "control")),
    readFolder(join(directory, "tenant")),
  ]);
  return { control, tenant };
}

/**
 * Those of `migrations` that are not yet applied. Throws where one that is applied has been edited or removed, or where
 * a new one stands before an applied one.
 */
export function selectPending(
  migrations: Migration[],
  applied: readonly { version: number; checksum: string }[],
): Migration[] {
  const byVersion = new Map(migrations.map((migration) => [migration.version, migration]));
  for (const { version, checksum } of applied) {
    const migration = byVersion.get(version);
    if (migration === undefined)
      throw new Error(
        `Cannot migrate: migration ${version} is applied, but its file is missing; is this an older version of the portal?`,
      );
    if (migration.checksum !== checksum)
      throw new Error(
        `Cannot migrate: ${migration.name} was edited after it was applied; undo the edit and write a new migration`,
      );
  }
  const last = Math.max(0, ...applied.map(({ version }) => version));
  const done = new Set(applied.map(({ version }) => version));
  const pending = migrations.filter(({ version }) => !done.has(version));
  const early = pending.find(({ version }) => version < last);
  if (early !== undefined)
    throw new Error(
      `Cannot migrate: ${early.name} is new, but migration ${last} is applied already; give it a higher number`,
    );
  return pending;
}

async function readFolder(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).toSorted();
  const migrations = await Promise.all(names.map((name) => readMigration(folder, name)));
  for (const [index, { version, name }] of migrations.entries())
    if (version === migrations[index - 1]?.version)
      throw new Error(`Cannot migrate: ${name} has the number of ${migrations[index - 1]?.name}`);
  return migrations;
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
  if (!(version > 0))
    throw new Error(`Cannot migrate: "${name}" is not named like 0001_what_it_does.sql`);
  const text = await readFile(join(folder, name), "utf8");
  return { version, name, text, checksum: createHash("sha256").update(text).digest("hex") };
}
