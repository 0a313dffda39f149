import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { testSamples, toCsv } from "../testing/machine.ts";
import { DataError } from "./input.ts";
import { listCsvMachines, readCsv } from "./read-csv.ts";

const samples = testSamples({ rows: 500, columns: { load1: (s) => (s === 50 ? NaN : s) } });

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const read = (text: string, machineId?: string) =>
  readCsv(pieces(Buffer.from(text), 1000), { machineId });

test("readCsv() gives the file's samples, its gaps as NaN, and the digest of its bytes", async () => {
  const bytes = Buffer.from(toCsv(samples));
  const input = await readCsv(pieces(bytes, 777));
  expect(input.samples).toEqual(samples);
  expect(input.corrections).toMatchObject({ rowsRead: 500, duplicates: 0, outOfOrder: 0 });
  expect(input.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
  expect(input.byteCount).toBe(bytes.length);
});

test("readCsv() reads gzip whatever the name, cut anywhere", async () => {
  const input = await readCsv(pieces(gzipSync(toCsv(samples)), 333));
  expect(input.samples).toEqual(samples);
});

test("readCsv() refuses gzip that ends early", async () => {
  const bytes = gzipSync(toCsv(samples));
  await expect(readCsv(pieces(bytes.subarray(0, bytes.length - 20), 333))).rejects.toThrow(
    /its gzip data is cut off/,
  );
});

test("readCsv() makes gaps of damaged cells, leaves out rows that nobody can use, and tells of both", async () => {
  const lines = toCsv(samples).split("\n");
  lines[41] = (lines[41] ?? "").replace(/^(\d+,web-01),[^,]+/, "$1,banana");
  lines[52] = "1,2,3";
  const other = "1772409600,db-01,-5\n".replace(
    "-5",
    lines[1]?.split(",").slice(2).join(",") ?? "",
  );
  const { samples: kept, corrections } = await read(
    lines.join("\n") + other.replace(/,[^,]*$/, ",-5\n"),
    "web-01",
  );
  expect(kept.timestampsS).toHaveLength(499);
  expect(kept.values[0]?.[40]).toBeNaN();
  expect(kept.values[0]?.[41]).toBe(samples.values[0]?.[41]);
  expect(corrections).toMatchObject({
    rowsRead: 499,
    damagedCells: [
      {
        column: "cpu_user",
        kind: "type",
        count: 1,
        first: [{ line: 42, column: "cpu_user", value: "banana" }],
      },
    ],
    droppedRows: [{ kind: "width", count: 1, first: [{ line: 53 }] }],
  });
});

test.each([
  ["timestamp,web-01\n1,2\n", [{ line: 1, column: "machine_id" }]],
  [`${toCsv(samples).split("\n")[0]}\n1,2,3\n`, [{ line: 2 }]],
])("readCsv() refuses what holds no row that it can use, and says where", async (text, faults) => {
  const error: unknown = await read(text).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DataError);
  const list = error instanceof DataError ? error.faults : [];
  expect(list).toEqual(
    expect.arrayContaining(faults.map((fault) => expect.objectContaining(fault))),
  );
});

test("readCsv() asks which machine where there are several, and takes the one that is named", async () => {
  const other = testSamples({ machineId: "db-01", rows: 300 });
  const both = toCsv(samples) + toCsv(other).slice(toCsv(other).indexOf("\n") + 1);
  await expect(read(both)).rejects.toThrow(/--machine: web-01 \(500 rows\), db-01 \(300 rows\)/);
  const input = await read(both, "db-01");
  expect(input.samples).toEqual(other);
  expect([...input.machines]).toEqual([
    ["web-01", 500],
    ["db-01", 300],
  ]);
});

test("readCsv() says which machines there are where the named one is not among them", async () => {
  await expect(read(toCsv(samples), "web-02")).rejects.toThrow(
    /"web-02".*only web-01 \(500 rows\)/,
  );
});

test.each(["", toCsv(samples).split("\n").slice(0, 1).join("\n")])(
  "readCsv() refuses a file without rows",
  async (text) => {
    await expect(read(text)).rejects.toThrow(DataError);
  },
);

test("readCsv() holds files larger than its first arrays", async () => {
  const long = testSamples({ rows: 40_000, columns: { load1: null } });
  const bytes = Buffer.from(toCsv(long));
  for (const sizeBytes of [undefined, bytes.length]) {
    const input = await readCsv(pieces(bytes, 1 << 16), { sizeBytes });
    expect(input.samples).toEqual(long);
  }
});

test.each([
  ["plain", "timestamp,machine_id,cpu_user\n1,b,2\n2,a,3\n3,b,4", ["b", "a"]],
  ["with CRLF, and the machine last", "timestamp,machine_id\r\n1,b\r\n2,a\r\n", ["b", "a"]],
  [
    "quoted",
    '"timestamp",machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free\n1772500000,"b",2,1,97,8,4\n1772500001,a,3,1,96,8,4\n',
    ["b", "a"],
  ],
  ["with a cut line", "timestamp,machine_id,cpu_user\n1,b,2\n2", ["b"]],
  ["with ids that would be formulas", "timestamp,machine_id\n1,'-b\n2,a\n", ["-b", "a"]],
  ["without rows", "timestamp,machine_id,cpu_user\n", []],
])("listCsvMachines() of a CSV, %s", async (_, text, expected) => {
  const folder = await mkdtemp(join(tmpdir(), "list-machines-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of [
    ["plain.csv", text],
    ["packed.csv.gz", gzipSync(text)],
  ] as const) {
    await writeFile(join(folder, name), content);
    expect(await listCsvMachines(join(folder, name))).toEqual(expected);
  }
});
