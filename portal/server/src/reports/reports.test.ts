import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { Report } from "@perfanalysis/contract/api";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { asTenant, type TenantId } from "../db/tenant-db.ts";
import { createLog } from "../http/log.ts";
import { ensureMachine, renameMachine } from "../machines/machines.ts";
import { appendSamples } from "../samples/write.ts";
import { newPortal, readProblem, type TestPortal } from "../testing/portal.ts";
import { newTenant, testDatabase } from "../testing/postgres.ts";
import { makeReport, sweepReports } from "./make-report.ts";
import {
  createReport,
  getReport,
  getReportHtml,
  getReportPdf,
  noteProgress,
  startReport,
} from "./reports.ts";

const startS = 1_750_000_000;
const rowCount = 120;
const { signal } = new AbortController();

let portal: TestPortal;
beforeAll(async () => {
  portal = await newPortal({ runJobs: true });
  await storeSamples(portal.tenantId);
});
afterAll(() => portal.close());

/** Two minutes of machine "web-01". */
async function storeSamples(tenantId: TenantId): Promise<void> {
  const columns = ["cpu_user", "cpu_system", "cpu_idle", "mem_total", "mem_free"];
  const levels = [30, 10, 60, 8e9, 2e9];
  await asTenant(testDatabase(), tenantId, async (db) => {
    const machine = await ensureMachine(db, { machineId: "web-01" });
    await renameMachine(db, { machineId: "web-01", name: "Web & 01" });
    await appendSamples(db, machine, {
      columns,
      rowCount,
      timestampsS: Float64Array.from({ length: rowCount }, (_, row) => startS + row),
      values: levels.map((level) => new Float64Array(rowCount).fill(level)),
    });
  });
}

function request(body: object, key = portal.keys.read): Promise<Response> {
  return portal.fetch("/api/v1/reports", {
    method: "POST",
    key,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** A queued report of a tenant of its own, on which no queue works. */
async function newQueued(): Promise<{ tenantId: TenantId; reportId: string }> {
  const tenantId = await newTenant();
  await storeSamples(tenantId);
  return await asTenant(testDatabase(), tenantId, async (db) => {
    const machine = await ensureMachine(db, { machineId: "web-01" });
    const { reportId } = await createReport(db, { machine, fromS: startS, toS: startS + rowCount });
    return { tenantId, reportId };
  });
}

const stateOf = ({ tenantId, reportId }: { tenantId: TenantId; reportId: string }) =>
  asTenant(testDatabase(), tenantId, (db) => getReport(db, { reportId }));

const failing = ["--eval", "console.error('disk on fire'); process.exit(70)", "--"];
/** perf-report itself, where npm has installed nothing that lays out a PDF. */
const withoutCompiler = [
  "--import",
  `data:text/javascript,${encodeURIComponent(`
    import { registerHooks } from "node:module";
    registerHooks({
      resolve(name, context, next) {
        if (name === "@myriaddreamin/typst-ts-node-compiler") throw new Error("Cannot find it");
        return next(name, context);
      },
    });`)}`,
  fileURLToPath(import.meta.resolve("@perfanalysis/reporting/cli")),
];

test("a report is requested, made, read and deleted", async () => {
  const response = await request({ machine_id: "web-01" });
  expect(response.status).toBe(202);
  // In tests the server holds its answers against their schemas.
  const queued = (await response.json()) as Report;
  expect(queued).toMatchObject({
    machine_id: "web-01",
    status: "queued",
    html: null,
    pdf: null,
    progress: null,
    timestamp_range: { start: "2025-06-15T15:06:40Z", end: "2025-06-15T15:08:40Z" },
  });
  const path = response.headers.get("location") ?? "";
  const done = await vi.waitFor(
    async () => {
      const report = (await (await portal.fetch(path, { key: portal.keys.read })).json()) as Report;
      expect(report.status).not.toBe("queued");
      expect(report.status).not.toBe("running");
      return report;
    },
    { timeout: 25_000, interval: 100 },
  );
  expect(done).toMatchObject({
    status: "done",
    error: null,
    progress: null,
    html: `${path}/html`,
    pdf: `${path}/pdf`,
    pdf_error: null,
  });

  const html = await portal.fetch(`${path}/html`, { key: portal.keys.read });
  expect(html.headers.get("content-type")).toBe("text/html; charset=utf-8");
  const policy = html.headers.get("content-security-policy") ?? "";
  expect(policy).toMatch(/^sandbox /);
  expect(policy).not.toContain("allow-same-origin");
  expect(policy).toContain("default-src 'none'");
  const text = await html.text();
  expect(text).toMatch(/^<!doctype html>/i);
  expect(text).toContain("Web &amp; 01");
  expect(text).toContain("the portal&#39;s samples, as CSV");
  const plain = await portal.fetch(`${path}/html`, {
    key: portal.keys.read,
    headers: { "accept-encoding": "identity" },
  });
  expect(plain.headers.get("content-encoding")).toBeNull();
  expect(await plain.text()).toBe(text);

  const pdf = await portal.fetch(`${path}/pdf`, { key: portal.keys.read });
  expect(pdf.headers.get("content-type")).toBe("application/pdf");
  expect(pdf.headers.get("content-disposition")).toMatch(
    /^inline; filename="web-01-\d{4}-\d\d-\d\d\.pdf"$/,
  );
  expect(pdf.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(pdf.headers.get("x-content-type-options")).toBe("nosniff");
  expect(
    Buffer.from(await pdf.arrayBuffer())
      .subarray(0, 5)
      .toString(),
  ).toBe("%PDF-");

  const list = await portal.fetch("/api/v1/reports?machine_id=web-01", { key: portal.keys.read });
  expect(await list.json()).toMatchObject({ reports: [{ report_id: queued.report_id }] });

  const rival = await portal.newTenant();
  for (const target of [path, `${path}/html`, `${path}/pdf`])
    await readProblem(await portal.fetch(target, { key: rival.keys.read }), 404);
  await readProblem(await portal.fetch(path, { key: rival.keys.admin, method: "DELETE" }), 404);
  const othersList = await portal.fetch("/api/v1/reports", { key: rival.keys.read });
  expect(await othersList.json()).toEqual({ reports: [] });

  await readProblem(await portal.fetch(path, { key: portal.keys.read, method: "DELETE" }), 403);
  const deleted = await portal.fetch(path, { key: portal.keys.admin, method: "DELETE" });
  expect(deleted.status).toBe(204);
  await readProblem(await portal.fetch(path, { key: portal.keys.read }), 404);
});

test.each([
  ["an unknown machine", { machine_id: "nobody" }, 404],
  ["a range without samples", { machine_id: "web-01", from: "2020-01-01", to: "2020-01-02" }, 409],
  [
    "a range that ends before it begins",
    { machine_id: "web-01", from: "2025-06-16", to: "2025-06-15" },
    400,
  ],
  ["a time that is none", { machine_id: "web-01", from: "yesterday" }, 400],
])("a report of %s is refused", async (_case, body, status) => {
  const { detail } = await readProblem(await request(body), status);
  expect(detail).not.toBe("");
});

test("a report of a machine without samples is refused", async () => {
  const empty = await portal.newTenant();
  await asTenant(testDatabase(), empty.tenantId, (db) => ensureMachine(db, { machineId: "new" }));
  const response = await request({ machine_id: "new" }, empty.keys.read);
  expect((await readProblem(response, 409)).detail).toContain("no samples yet");
});

test("an id that cannot be one gets the same answer as one that nobody has", async () => {
  for (const id of ["1", "00000000-0000-4000-8000-000000000000"]) {
    const response = await portal.fetch(`/api/v1/reports/${id}`, { key: portal.keys.read });
    expect((await readProblem(response, 404)).detail).toBe(`There is no report "${id}".`);
  }
});

test("a report that is being made tells how far it is, and one that was made before has no PDF", async () => {
  const report = await newQueued();
  await asTenant(testDatabase(), report.tenantId, async (db) => {
    await startReport(db, report);
    expect(await getReport(db, report)).toMatchObject({ progress: null });
    await noteProgress(db, { ...report, stage: "judging", percent: 60 });
    expect(await getReport(db, report)).toMatchObject({
      status: "running",
      progress: { stage: "judging", percent: 60 },
    });
    const old =
      "UPDATE report SET status = 'done', html = 'old', finished_at = now() WHERE id = $1";
    await db.query(old, [report.reportId]);
    expect(await getReport(db, report)).toMatchObject({ progress: null, hasPdf: false });
    expect(await getReportPdf(db, report)).toBeNull();
    await noteProgress(db, { ...report, stage: "reading", percent: 1 });
    expect(await getReport(db, report)).toMatchObject({ status: "done", progress: null });
  });
});

test("makeReport() says why in the report where perf-report fails, and has no second try", async () => {
  const report = await newQueued();
  await makeReport(testDatabase(), { ...report, program: failing, signal });
  expect(await stateOf(report)).toMatchObject({
    status: "failed",
    error: "perf-report ended with code 70: disk on fire",
  });
  await makeReport(testDatabase(), { ...report, signal });
  expect(await stateOf(report)).toMatchObject({ status: "failed" });
});

test("makeReport() keeps the HTML where perf-report cannot make the PDF, and says why there is none", async () => {
  const report = await newQueued();
  await makeReport(testDatabase(), { ...report, program: withoutCompiler, signal });
  expect(await stateOf(report)).toMatchObject({
    status: "done",
    error: null,
    hasPdf: false,
    pdfError: expect.stringMatching(
      /^Cannot make a PDF: typst's compiler cannot be loaded/,
    ) as string,
  });
  const files = await asTenant(testDatabase(), report.tenantId, async (db) => [
    await getReportHtml(db, report),
    await getReportPdf(db, report),
  ]);
  const [html, pdf] = files;
  expect(gunzipSync(html?.content ?? "").toString()).toMatch(/^<!doctype html>[^]*<\/html>\s*$/i);
  expect(pdf).toBeNull();
});

test("makeReport() leaves the report for another try where the portal stops", async () => {
  const report = await newQueued();
  const stopping = AbortSignal.abort(new Error("The portal is stopping"));
  const made = makeReport(testDatabase(), { ...report, signal: stopping });
  await expect(made).rejects.toThrow("The portal is stopping");
  expect(await stateOf(report)).toMatchObject({ status: "running", error: null });
});

test("makeReport() gives up a report that has ended the portal three times", async () => {
  const report = await newQueued();
  const signalOfKill = AbortSignal.abort(new Error("killed"));
  for (let attempt = 1; attempt <= 3; attempt++)
    await makeReport(testDatabase(), { ...report, signal: signalOfKill }).catch(() => undefined);
  await makeReport(testDatabase(), { ...report, signal });
  expect(await stateOf(report)).toMatchObject({ status: "failed", error: /begun 3 times/ });
});

test("sweepReports() enqueues reports whose job is lost, and only those", async () => {
  const [lost, fresh] = [await newQueued(), await newQueued()];
  await asTenant(testDatabase(), lost.tenantId, (db) =>
    db.query("UPDATE report SET created_at = now() - interval '1 hour'"),
  );
  const enqueued: unknown[] = [];
  const jobs = {
    ...portal.services.jobs,
    enqueue: async (_name: string, data: unknown) => void enqueued.push(data),
  };
  await sweepReports({ database: testDatabase(), jobs, log: createLog("silent") }, signal);
  expect(enqueued).toContainEqual(lost);
  expect(enqueued).not.toContainEqual(fresh);
});
