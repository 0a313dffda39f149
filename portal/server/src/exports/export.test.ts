import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Export, UploadReceipt } from "@perfanalysis/contract/api";
import { Value } from "typebox/value";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asTenant } from "../db/tenant-db.ts";
import { getMachine } from "../machines/machines.ts";
import { newPortal, readProblem, type TestPortal, type TestTenant } from "../testing/portal.ts";
import { exportCsv } from "./export.ts";

const startS = 1_767_225_600;
/** In the order in which columns are written, so that the export can be compared byte by byte. */
const header =
  "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free,disk_cciss!c0d0_reads,net_eth0.100_rx_bytes,net_eth2_rx_bytes";

/** Rows with gaps, shortest and longest numbers, and a hole of an hour after `rows / 2`. */
function makeCsv(machineId: string, rows: number): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const timeS = startS + row + (row < rows / 2 ? 0 : 3600);
    const cells = [
      row % 101,
      (row % 7) / 3,
      "",
      17179869184,
      row * 4096,
      0.1 * row,
      row % 5 === 0 ? "" : row,
      1e15 + row,
    ];
    return [timeS, machineId, ...cells].join(",");
  });
  return `${[header, ...lines].join("\n")}\n`;
}

let portal: TestPortal;
beforeAll(async () => {
  portal = await newPortal();
});
afterAll(() => portal.close());

async function upload(tenant: TestTenant, machineId: string, csv: string): Promise<number> {
  const body = new FormData();
  body.append("tenant_id", tenant.tenantId);
  body.append("machine_id", machineId);
  body.append("file", new Blob([csv]), "a.csv");
  const response = await portal.fetch("/api/v1/performance/upload", {
    method: "POST",
    key: tenant.keys.ingest,
    body,
  });
  expect(response.status).toBe(200);
  return Value.Parse(UploadReceipt, await response.json()).rows_imported;
}

function get(tenant: TestTenant, query: Record<string, string>): Promise<Response> {
  return portal.fetch(`/api/v1/performance/export?${new URLSearchParams(query).toString()}`, {
    key: tenant.keys.read,
  });
}

test("export gives back the uploaded CSV, byte by byte, and an upload of it adds no row", async () => {
  const tenant = await portal.newTenant();
  const csv = makeCsv("web-01", 10_000);
  expect(await upload(tenant, "web-01", csv)).toBe(10_000);
  const response = await get(tenant, { machine_id: "web-01" });
  expect(response.headers.get("content-type")).toContain("text/csv");
  expect(response.headers.get("content-disposition")).toBe('attachment; filename="web-01.csv"');
  const exported = await response.text();
  expect(exported === csv).toBe(true);
  expect(await upload(tenant, "web-01", exported)).toBe(0);
});

test("export disarms a machine id that a spreadsheet would run, and it can be uploaded again", async () => {
  const tenant = await portal.newTenant();
  await upload(tenant, "-cmd", makeCsv("-cmd", 3));
  const exported = await (await get(tenant, { machine_id: "-cmd" })).text();
  expect(exported.split("\n")[1]).toMatch(/^1767225600,'-cmd,/);
  expect(await upload(tenant, "-cmd", exported)).toBe(0);
});

test("export gives the rows from start, inclusive, to end, exclusive, however the times are written", async () => {
  const tenant = await portal.newTenant();
  const csv = makeCsv("web-01", 100);
  await upload(tenant, "web-01", csv);
  const rows = csv.trim().split("\n").slice(1);
  const cases: [start: string, end: string, expected: string[]][] = [
    [String(startS + 10), String(startS + 20), rows.slice(10, 20)],
    ["2026-01-01T00:00:10Z", "2026-01-01T01:00:20+01:00", rows.slice(10, 20)],
    ["2026-01-01", "2026-01-02", rows],
    ["2026-01-01T00:30:00Z", "2026-01-01T00:40:00Z", []],
    ["2027-01-01", "2028-01-01", []],
  ];
  for (const [start, end, expected] of cases) {
    const lines = (await (await get(tenant, { machine_id: "web-01", start, end })).text())
      .trim()
      .split("\n");
    expect(lines).toEqual([header, ...expected]);
  }
  const open = await (
    await get(tenant, { machine_id: "web-01", start: String(startS + 3600 + 90) })
  ).text();
  expect(open.trim().split("\n").slice(1)).toEqual(rows.slice(90));
});

test("export gives JSON with nulls for gaps", async () => {
  const tenant = await portal.newTenant();
  await upload(tenant, "web-01", makeCsv("web-01", 6000));
  const response = await get(tenant, { machine_id: "web-01", format: "json" });
  expect(response.headers.get("content-disposition")).toBe('attachment; filename="web-01.json"');
  const exported = Value.Parse(Export, await response.json());
  expect(exported.columns.slice(0, 3)).toEqual(["time", "cpu_user", "cpu_system"]);
  expect(exported.rows).toHaveLength(6000);
  expect(exported.rows[1]).toEqual(
    ["2026-01-01T00:00:01Z", 1, 1 / 3, 17179869184, 4096, 0.1, 1, 1e15 + 1].toSpliced(3, 0),
  );
});

test("export of a machine without samples is a header alone", async () => {
  const tenant = await portal.newTenant();
  const made = await portal.fetch("/api/v1/machines", {
    method: "POST",
    key: tenant.keys.admin,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ machine_id: "new-01" }),
  });
  expect(made.ok).toBe(true);
  const csv = await (await get(tenant, { machine_id: "new-01" })).text();
  expect(csv).toBe("timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free\n");
  expect(await (await get(tenant, { machine_id: "new-01", format: "json" })).json()).toEqual({
    machine_id: "new-01",
    columns: ["time"],
    rows: [],
  });
});

test("export answers unknown and other tenants' machines alike, and bad queries with what is wrong", async () => {
  const [acme, rival] = await Promise.all([portal.newTenant(), portal.newTenant()]);
  await upload(acme, "web-01", makeCsv("web-01", 3));
  const foreign = await readProblem(await get(rival, { machine_id: "web-01" }), 404);
  expect(foreign.detail).toBe('There is no machine "web-01".');
  const bad: [Record<string, string>, string][] = [
    [{ machine_id: "web-01", start: "yesterday" }, "/start"],
    [{ machine_id: "web-01", end: "2026-02-31" }, "/end"],
    [{ machine_id: "web-01", start: "2026-01-02", end: "2026-01-01" }, "/start"],
    [{ machine_id: "web-01", format: "xlsx" }, "/format"],
    [{ machine_id: "web 01" }, "/machine_id"],
  ];
  for (const [query, column] of bad) {
    const problem = await readProblem(await get(acme, query), 400);
    expect(problem.errors?.map((fault) => fault.column)).toEqual([column]);
  }
  const url = "/api/v1/performance/export?machine_id=web-01";
  await readProblem(await portal.fetch(url), 401);
  await readProblem(await portal.fetch(url, { key: acme.keys.ingest }), 403);
});

test("exportCsv() writes the same file to any stream", async () => {
  const tenant = await portal.newTenant();
  const csv = makeCsv("web-01", 5000);
  await upload(tenant, "web-01", csv);
  const stream = new PassThrough();
  const [written] = await Promise.all([
    text(stream),
    asTenant(portal.services.database, tenant.tenantId, async (db) => {
      const machine = await getMachine(db, { machineId: "web-01" });
      if (machine === null) throw new Error("The machine is missing");
      await exportCsv(db, machine, {}, stream);
    }),
  ]);
  expect(written === csv).toBe(true);
});

test("export gives its connection back when the client stops reading and hangs up", async () => {
  const tenant = await portal.newTenant();
  await upload(tenant, "web-01", makeCsv("web-01", 200_000));
  const { hostname, port } = new URL(portal.url);
  // More than a tenant may have connections: each must come back.
  for (let count = 0; count < 6; count++) {
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET /api/v1/performance/export?machine_id=web-01 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tenant.keys.read}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once("data", resolve));
    socket.pause();
    await sleep(50);
    socket.destroy();
  }
  await expect
    .poll(
      async () => {
        const [row] = await portal.services.database.control.query<{ count: number }>(
          "SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename LIKE 't\\_%' AND state LIKE 'idle in transaction%'",
        );
        return row?.count;
      },
      { timeout: 5000 },
    )
    .toBe(0);
  const exported = await (await get(tenant, { machine_id: "web-01" })).text();
  expect(exported.length).toBe(makeCsv("web-01", 200_000).length);
});
