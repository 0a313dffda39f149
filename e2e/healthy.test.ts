// Healthy data is not said to be at fault: captures of real machines, which were short, and a generated machine at several paces.
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateMachineDay } from "../bench/generate.ts";
import { root, runOk } from "./binaries.ts";
import { makeFolder } from "./folder.ts";

const captures = join(root, "../shared/data/pcc");
const hasCaptures = existsSync(captures);
const without = hasCaptures ? "" : " (skipped: ../shared/data/pcc is not there)";

let folder: string;

beforeAll(async () => {
  folder = await makeFolder("healthy");
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Checks that say something, with their grades. */
async function alarmsOf(csv: string): Promise<Record<string, string>> {
  const facts: unknown = JSON.parse(await runOk("perf-report", ["--data-file", csv, "--json"]));
  // perf-report prints its checks as objects with these fields.
  const { checks } = facts as { checks: { id: string; grade: string }[] };
  return Object.fromEntries(
    checks.filter(({ grade }) => grade !== "A").map(({ id, grade }) => [id, grade]),
  );
}

test.each([
  { intervalS: 1, rows: 90_000, seed: 2 },
  { intervalS: 10, rows: 9_000, seed: 3 },
  { intervalS: 60, rows: 1_500, seed: 4 },
])(
  "perf-report says nothing of a generated day every $intervalS s",
  async ({ rows, ...options }) => {
    const csv = join(folder, `${options.intervalS}.csv`);
    await writeFile(csv, generateMachineDay({ machineId: "web-01", rows, ...options }));
    expect(await alarmsOf(csv)).toEqual({});
  },
);

test
  .skipIf(!hasCaptures)
  .each([
    "azure-ubuntu/collection.json",
    "oci-oraclelinux/collection.json",
    "oci-containers/host_collection.json",
  ])(
  `perf-report says of the capture %s that it is short, and has no paging, and no more${without}`,
  async (name) => {
    const csv = join(folder, `${name.replace("/", "-")}.csv`);
    await runOk("pcprocess", ["--input", join(captures, name), "--output", csv]);
    expect(await alarmsOf(csv)).toEqual({ amount: "B", "missing-columns": "B" });
  },
);
