// Proof: every cell of perfcollector2's own output, from its second timestamp on. Its first rows average the first two
// intervals; ours start one row earlier.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { sarFiles } from "./sar.ts";
import { convertToSar } from "./to-sar.ts";

const fixtures = join(import.meta.dirname, "fixtures");
const shared = join(import.meta.dirname, "../../../../shared/data/pcc");

const captures = [
  { name: "an excerpt of azure-ubuntu", folder: fixtures, of: "azure-ubuntu/collection.json" },
  {
    name: "an excerpt of oci-containers",
    folder: fixtures,
    of: "oci-containers/collection.json.gz",
  },
  { name: "azure-ubuntu", folder: shared, of: "azure-ubuntu/collection.json" },
  { name: "oci-oraclelinux", folder: shared, of: "oci-oraclelinux/collection.json" },
  { name: "oci-containers", folder: shared, of: "oci-containers/host_collection.json" },
];

async function convert(path: string): Promise<string> {
  const folder = createFolder();
  await convertToSar(folder, {
    inputs: [{ name: path, path }],
    skipDamaged: false,
    onProgress: () => Promise.resolve(),
  });
  return folder;
}

interface Table {
  header: string;
  /** By time and, where there is one, device. */
  rows: Map<string, number[]>;
}

function readTable(path: string): Table {
  const [header = "", ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const keyCells = /^#timestamp,(?:CPU|DEV|IFACE|mount),/.test(header) ? 2 : 1;
  const rows = lines.map((line): [string, number[]] => {
    const cells = line.split(",");
    // An empty cell is no 0.
    const values = cells.slice(keyCells).map((cell) => (cell === "" ? Number.NaN : Number(cell)));
    return [cells.slice(0, keyCells).join(","), values];
  });
  expect(new Set(rows.map(([key]) => key)).size).toBe(rows.length);
  return { header, rows: new Map(rows) };
}

/** Rows behind the first time that the table has. */
function rowsAfter(table: Table, firstTime: string): Map<string, number[]> {
  return new Map([...table.rows].filter(([key]) => (key.split(",")[0] ?? "") > firstTime));
}

function largestDifference(left: readonly number[], right: readonly number[]): number {
  expect(left).toHaveLength(right.length);
  return Math.max(...left.map((value, at) => Math.abs(value - (right[at] ?? Number.NaN))));
}

describe.each(captures)("convertToSar() of $name", ({ folder, of }) => {
  const path = join(folder, of);
  const reference = join(path, "../processed");

  test.skipIf(!existsSync(path))(
    "equals perfcollector2's output in every cell to 1e-6 (skipped where ../shared is not there)",
    async () => {
      const converted = await convert(path);
      for (const file of Object.keys(sarFiles)) {
        const expected = readTable(join(reference, file));
        const actual = readTable(join(converted, file));
        expect(actual.header).toBe(expected.header);
        const [firstTime = ""] = [...expected.rows.keys()].map((key) => key.split(",")[0] ?? "");
        const expectedRows = rowsAfter(expected, firstTime);
        const actualRows = rowsAfter(actual, firstTime);
        expect(expectedRows.size).toBeGreaterThanOrEqual(2);
        expect([...actualRows.keys()].toSorted()).toEqual([...expectedRows.keys()].toSorted());
        for (const [key, cells] of expectedRows) {
          expect(
            largestDifference(actualRows.get(key) ?? [], cells),
            `${file} ${key}`,
          ).toBeLessThan(1e-6);
        }
        // Ours start one interval earlier.
        const [ourFirstTime = ""] = [...actual.rows.keys()].map((key) => key.split(",")[0] ?? "");
        expect(Number(ourFirstTime)).toBe(Number(firstTime) - 5);
      }
    },
  );
});

test("convertToSar() describes the processors where the capture has /proc/cpuinfo", async () => {
  const folder = await convert(join(fixtures, "oci-containers/collection.json.gz"));
  const expected = readFileSync(
    join(fixtures, "oci-containers/processed/system_info.json"),
    "utf8",
  );
  expect(readFileSync(join(folder, "system_info.json"), "utf8")).toBe(expected);
});

test("convertToSar() describes the machine of our own captures, under the same names", async () => {
  const folder = await convert(join(fixtures, "own-format.json"));
  expect(existsSync(join(folder, "system_info.json"))).toBe(false);
  const machine = { cpu_model: "EPYC", cpu_count: 4, cpu_cores_per_package: 2, cloud: "hetzner" };
  const text = readFileSync(join(fixtures, "own-format.json"), "utf8");
  const path = join(createFolder(), "pcc.json");
  writeFileSync(path, text.replace('"devices"', `"machine":${JSON.stringify(machine)},"devices"`));
  const info: unknown = JSON.parse(
    readFileSync(join(await convert(path), "system_info.json"), "utf8"),
  );
  expect(info).toMatchObject({
    model_name: "EPYC",
    total_cpus: 4,
    cpu_cores: 2,
    cloud: "hetzner",
    kernel: null,
  });
});
