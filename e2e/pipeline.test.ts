// The plan's six steps with the real programs: collect → process → upload → verify in database → export → report.
import { readFile, rm, writeFile } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run, runOk, startRunning, type Running } from "./binaries.ts";
import { readCsv } from "./csv.ts";
import { openDatabase, type DatabaseView } from "./database.ts";
import { makeFolder } from "./folder.ts";
import { readPdfText } from "./pdf.ts";

const machineId = "e2e-test-machine";
const sampleCount = 12;

let folder: string;
let state: string[];
let portal: Running;
let url: string;
let database: DatabaseView;

beforeAll(async () => {
  folder = await makeFolder("e2e");
  state = ["--state-dir", join(folder, "state")];
  portal = startRunning("perf-portal", ["serve", "--port", "0", ...state]);
  const [, address] = await portal.line(/^Ready on (http:\S+)/);
  url = String(address);
  database = await openDatabase(join(folder, "state"));
});

afterAll(async () => {
  await database?.close();
  await portal?.stop();
  await rm(folder, { recursive: true, force: true });
});

test("a capture of this machine arrives whole in the database, the export and the report", async () => {
  const capture = join(folder, "pcc.json");
  const csv = join(folder, "data.csv");
  const exported = join(folder, "export.csv");
  const report = join(folder, "report.html");

  // 1. collect
  const startedS = Math.floor(Date.now() / 1000);
  await runOk("pcc", [], {
    env: {
      PCC_FREQUENCY: "1s",
      PCC_DURATION: `${sampleCount}s`,
      PCC_MODE: "local",
      PCC_COLLECTION: capture,
      PCC_MACHINE_ID: machineId,
    },
  });
  const captureLines = (await readFile(capture, "utf8")).trimEnd().split("\n");
  expect(captureLines.length).toBeGreaterThan(sampleCount);

  // 2. process
  await runOk("pcprocess", ["--input", capture, "--output", csv]);
  const rows = await readCsv(csv);
  expect(rows.length).toBeGreaterThanOrEqual(sampleCount);
  expect(rows.length).toBeLessThanOrEqual(sampleCount + 2);
  expectRealSamples(rows, startedS);

  // 3. upload
  const created = await runOk("perf-portal", ["tenant", "create", "e2e", "--json", ...state]);
  const { tenant_id: tenantId } = toTenant(JSON.parse(created));
  const keyFile = join(folder, "key");
  const keyArgs = ["--tenant", "e2e", "--scope", "ingest", "--output", keyFile];
  await runOk("perf-portal", ["key", "create", "e2e", ...keyArgs, ...state]);
  const key = (await readFile(keyFile, "utf8")).trim();
  const upload = () => uploadCsv(csv, { key, tenantId: tenantId });
  const first = await upload();
  expect(first).toMatchObject({
    status: "success",
    rows_imported: rows.length,
    rows_duplicate: 0,
    machine_id: machineId,
    timestamp_range: {
      start: isoOf(rows[0]?.["timestamp"]),
      end: isoOf(rows.at(-1)?.["timestamp"]),
    },
  });
  expect(await upload()).toMatchObject({ rows_imported: 0, rows_duplicate: rows.length });

  // 4. verify in database
  const stored = await database.countSamples(tenantId, machineId);
  expect(stored.rows).toBe(rows.length);
  for (const column of ["cpu_user", "mem_total", "load1"])
    expect(stored.values.get(column)).toBe(rows.filter((row) => row[column] !== "").length);

  // 5. export
  const range = ["--start-date", new Date((startedS - 3600) * 1000).toISOString()];
  const target = ["--tenant", "e2e", "--machine-id", machineId, "--output", exported];
  await runOk("perf-portal", ["export", ...target, ...range, ...state]);
  expect(await readCsv(exported)).toEqual(rows);

  // 6. report
  const pdf = join(folder, "report.pdf");
  await runOk("perf-report", ["--data-file", exported, "--output", report, "--output", pdf]);
  expect(await readPdfText(await readFile(pdf))).toMatch(/Data quality.*Page 1 of \d+/);
  const html = await readFile(report, "utf8");
  expect(html).toContain(machineId);
  expect(html).toContain("<svg");
  expect(html).not.toMatch(/(?:src|href)=["']?https?:/);

  // The capture itself, and the portal, give the same conclusions.
  const conclude = async (args: string[]): Promise<object> => {
    const { input: _input, ...facts } = toObject(
      JSON.parse(await runOk("perf-report", [...args, "--json"])),
    );
    return facts;
  };
  const reader = join(folder, "read.key");
  const readerArgs = ["--tenant", "e2e", "--scope", "read", "--output", reader];
  await runOk("perf-portal", ["key", "create", "reader", ...readerArgs, ...state]);
  const expected = await conclude(["--data-file", exported]);
  const fromPortal = ["--portal", url, "--key-file", reader, "--machine", machineId];
  expect(await conclude(fromPortal)).toEqual(expected);
  expect(await conclude(["--data-file", capture])).toMatchObject({
    ...pick(expected, ["machine_id", "timestamp_range", "samples", "storage_device"]),
  });
});

test("a torn upload names its line and stores nothing", async () => {
  await runOk("perf-portal", ["tenant", "create", "torn", ...state]);
  const keyFile = join(folder, "torn.key");
  const keyArgs = ["--tenant", "torn", "--scope", "ingest", "--output", keyFile];
  await runOk("perf-portal", ["key", "create", "torn", ...keyArgs, ...state]);
  const csv = join(folder, "torn.csv");
  const header = "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free\n";
  await writeFile(
    csv,
    `${header}1767800521,${machineId},1,2,97,1000,500\n1767800522,${machineId},1,2`,
  );
  const key = (await readFile(keyFile, "utf8")).trim();
  const answer = await postCsv(csv, { key });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ errors: [{ line: 3 }] });
  const target = ["--tenant", "torn", "--machine-id", machineId, "--output", "-"];
  const machines = await run("perf-portal", ["export", ...target, ...state]);
  expect(machines.code).not.toBe(0);
  expect(machines.stderr).toContain(machineId);
});

function toTenant(json: unknown): { tenant_id: string } {
  if (typeof json === "object" && json !== null && "tenant_id" in json)
    return { tenant_id: String(json.tenant_id) };
  throw new Error(`Cannot find tenant_id in ${JSON.stringify(json)}`);
}

function expectRealSamples(rows: Record<string, string>[], startedS: number): void {
  // Rates need two readings: a gap in the first row, never a zero.
  const [first, ...later] = rows;
  expect(first?.["cpu_user"]).toBe("");
  for (const row of later) expect(sumOfModes(row)).toBeCloseTo(100, 3);
  for (const row of rows) {
    const timestamp = Number(row["timestamp"]);
    expect(timestamp).toBeGreaterThanOrEqual(startedS);
    expect(timestamp).toBeLessThan(startedS + 60);
    expect(row["machine_id"]).toBe(machineId);
    expect(Math.abs(Number(row["mem_total"]) - totalmem())).toBeLessThan(1024 * 1024);
  }
}

function sumOfModes(row: Record<string, string>): number {
  const modes = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];
  return modes.reduce((sum, mode) => sum + Number(row[`cpu_${mode}`]), 0);
}

async function uploadCsv(
  path: string,
  options: { key: string; tenantId: string },
): Promise<unknown> {
  const answer = await postCsv(path, options);
  const body: unknown = await answer.json();
  expect({ status: answer.status, body }).toMatchObject({ status: 200 });
  return body;
}

async function postCsv(
  path: string,
  { key, tenantId }: { key: string; tenantId?: string },
): Promise<Response> {
  const form = new FormData();
  form.set("machine_id", machineId);
  if (tenantId !== undefined) form.set("tenant_id", tenantId);
  form.set("file", new Blob([await readFile(path)], { type: "text/csv" }), "data.csv");
  return await fetch(`${url}/api/v1/performance/upload`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: form,
  });
}

function isoOf(unixSeconds: string | undefined): string {
  return new Date(Number(unixSeconds) * 1000).toISOString().replace(".000Z", "Z");
}

function toObject(json: unknown): Record<string, unknown> {
  expect(json).toEqual(expect.any(Object));
  // Guaranteed by the line above.
  return json as Record<string, unknown>;
}

function pick(json: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(json).filter(([name]) => names.includes(name)));
}
