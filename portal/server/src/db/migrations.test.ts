import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  migrationsDirectory,
  readMigrations,
  selectPending,
  type Migration,
} from "./migrations.ts";

test("readMigrations() gives the portal's own files in the order of their numbers", async () => {
  const { control, tenant } = await readMigrations(migrationsDirectory);
  for (const migrations of [control, tenant]) {
    const versions = migrations.map(({ version }) => version);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
  }
});

test("readMigrations() refuses a name without a number and a number that is there twice", async () => {
  const directory = await newDirectory();
  const write = (name: string) => writeFile(join(directory, "tenant", name), "SELECT 1;");
  await write("0001_one.sql");
  await write("0001_two.sql");
  await expect(readMigrations(directory)).rejects.toThrow(
    "0001_two.sql has the number of 0001_one.sql",
  );
  await rm(join(directory, "tenant/0001_two.sql"));
  await write("second.sql");
  await expect(readMigrations(directory)).rejects.toThrow('"second.sql" is not named like');
});

test("selectPending() gives those that are not applied", () => {
  const [one, two, three] = [migration(1), migration(2), migration(3)];
  expect(selectPending([one, two, three], [])).toEqual([one, two, three]);
  expect(selectPending([one, two, three], [one, two])).toEqual([three]);
  expect(selectPending([one], [one])).toEqual([]);
});

test("selectPending() refuses an edited, a removed and a belated migration", () => {
  const edited = { ...migration(1), checksum: "other" };
  expect(() => selectPending([edited], [migration(1)])).toThrow("0001_x.sql was edited after");
  expect(() => selectPending([migration(1)], [migration(1), migration(2)])).toThrow(
    "migration 2 is applied, but its file is missing",
  );
  expect(() => selectPending([migration(1), migration(2)], [migration(2)])).toThrow(
    "0001_x.sql is new, but migration 2 is applied already",
  );
});

function migration(version: number): Migration {
  const name = `${String(version).padStart(4, "0")}_x.sql`;
  return { version, name, text: "", checksum: `sum ${version}` };
}

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "perfanalysis-migrations-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await mkdir(join(directory, "control"));
  await mkdir(join(directory, "tenant"));
  return directory;
}
