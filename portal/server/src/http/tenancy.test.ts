import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asTenant } from "../db/tenant-db.ts";
import { createEnrolment } from "../enrolments/enrolments.ts";
import { createKey } from "../keys/keys.ts";
import { registerMachine } from "../machines/machines.ts";
import { createReport, finishReport, startReport } from "../reports/reports.ts";
import { appendSamples } from "../samples/write.ts";
import { newPortal, type TestPortal, type TestTenant } from "../testing/portal.ts";
import { testDatabase } from "../testing/postgres.ts";

/** In everything that the rival owns: it must never be in an answer to anybody else. */
const canary = `canary${randomUUID().replaceAll("-", "")}`;
const timeS = 1_750_000_000;

/** Ids of the rival's own things, by the names that paths and queries give them. */
type Ids = Record<"machine_id" | "key_id" | "enrolment_id" | "report_id" | "upload_id", string>;

interface Operation {
  method: string;
  path: string;
  hasBody: boolean;
}

let portal: TestPortal;
let rival: TestTenant;
let foreign: Ids;
const missing: Ids = {
  machine_id: "nobody-has-this",
  key_id: randomUUID(),
  enrolment_id: randomUUID(),
  report_id: randomUUID(),
  upload_id: randomUUID(),
};
let operations: Operation[];
let credentials: Record<string, Record<string, string>>;

beforeAll(async () => {
  portal = await newPortal();
  rival = await portal.newTenant();
  foreign = await fill(rival);
  operations = await listOperations();
  const session = await (await portal.createPerson()).signIn();
  credentials = {
    "a session": session,
    "a key that reads": { authorization: `Bearer ${portal.keys.read}` },
    "a key that administers": { authorization: `Bearer ${portal.keys.admin}` },
    "a key that uploads": { authorization: `Bearer ${portal.keys.ingest}` },
  };
});
afterAll(() => portal.close());

async function fill({ tenantId, keys }: TestTenant): Promise<Ids> {
  const database = testDatabase();
  const key = await createKey(database, { tenantId, name: canary, scopes: ["read"] });
  const enrolment = await createEnrolment(database, {
    tenantId,
    name: canary,
    maxUses: 1,
    createdBy: canary,
  });
  const reportId = await asTenant(database, tenantId, async (db) => {
    const machine = await registerMachine(db, { machineId: "web-01", name: canary });
    if (machine === null) throw new Error("The machine was there already");
    await appendSamples(db, machine, {
      columns: ["load1"],
      rowCount: 1,
      timestampsS: Float64Array.of(timeS),
      values: [Float64Array.of(1)],
    });
    const report = await createReport(db, { machine, fromS: timeS, toS: timeS + 1 });
    await startReport(db, report);
    const [html, pdf] = [Buffer.from(canary), Buffer.from(canary)];
    await finishReport(db, { reportId: report.reportId, html, pdf, pdfError: null });
    return report.reportId;
  });
  const form = new FormData();
  form.set("machine_id", "web-01");
  form.set("tenant_id", tenantId);
  const header = "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free";
  form.set("file", new Blob([`${header}\n${timeS},web-01,1,1,98,8,4\n`]), `${canary}.csv`);
  const upload = await portal.fetch("/api/v1/performance/upload", {
    method: "POST",
    key: keys.ingest,
    body: form,
  });
  // UploadReceipt of the contract.
  const { upload_id } = (await upload.json()) as { upload_id: string };
  return {
    machine_id: "web-01",
    key_id: key.keyId,
    enrolment_id: enrolment.enrolmentId,
    report_id: reportId,
    upload_id,
  };
}

async function listOperations(): Promise<Operation[]> {
  // http/openapi.test.ts proves that it is OpenAPI.
  const { paths } = (await (await portal.fetch("/api/v1/openapi.json")).json()) as {
    paths: Record<
      string,
      Record<
        string,
        { requestBody?: object; parameters?: { name: string; in: string; required?: boolean }[] }
      >
    >;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody, parameters = [] }]) => {
      const named = parameters.some(
        ({ name, in: where }) => where === "query" && name === "machine_id",
      );
      const target = named ? `${path}?machine_id={machine_id}` : path;
      const hasBody = requestBody !== undefined;
      return target.includes("{") ? [{ method: method.toUpperCase(), path: target, hasBody }] : [];
    }),
  );
}

/** Bodies that are right in themselves. A new route that takes one has to be added here. */
const bodies: Record<string, object> = {
  "PATCH /api/v1/machines/{machine_id}": { name: "mine now" },
  "POST /api/v1/keys/{key_id}/rotate": { grace_seconds: 0 },
};

async function call(
  { method, path, hasBody }: Operation,
  ids: Ids,
  headers: Record<string, string>,
) {
  const isId = (name: string): name is keyof Ids => name in ids;
  const target = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    if (!isId(name)) throw new Error(`Add an id for {${name}} to this test`);
    return ids[name];
  });
  const body = bodies[`${method} ${path}`];
  if (hasBody && body === undefined)
    throw new Error(`Add a body for ${method} ${path} to this test`);
  const query = /series|statistics/.test(path) ? "?metrics=load1" : "";
  const response = await portal.fetch(`${target}${query}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  expect(text).not.toContain(canary);
  const shown = Object.values(ids).reduce((rest, id) => rest.replaceAll(id, "<id>"), text);
  return { status: response.status, text: shown.replace(/"request_id":"[^"]*"/, "") };
}

test("the rival itself gets at each of these things", async () => {
  const owner = { authorization: `Bearer ${rival.keys.admin}` };
  for (const [path, status] of [
    ["/api/v1/machines/web-01", 200],
    [`/api/v1/reports/${foreign.report_id}`, 200],
    [`/api/v1/reports/${foreign.report_id}/pdf`, 200],
    [`/api/v1/uploads/${foreign.upload_id}`, 200],
  ] as const) {
    const response = await portal.fetch(path, { headers: owner });
    expect(response.status).toBe(status);
  }
  const machine = await portal.fetch("/api/v1/machines/web-01", { headers: owner });
  expect(await machine.text()).toContain(canary);
});

describe("an id of another tenant gets the same answer as one that nobody has, and no foreign word", () => {
  test.each(["a session", "a key that reads", "a key that administers", "a key that uploads"])(
    "with %s",
    async (credential) => {
      const headers = credentials[credential] ?? {};
      expect(operations.length).toBeGreaterThan(10);
      for (const operation of operations) {
        const asForeign = await call(operation, foreign, headers);
        const asMissing = await call(operation, missing, headers);
        expect({ operation, answer: asForeign }).toEqual({ operation, answer: asMissing });
        expect([200, 403, 404]).toContain(asForeign.status);
        // Lists of what a machine has are empty; everything else is not there at all.
        const isList = operation.path.includes("?") && !operation.path.includes("export");
        expect(asForeign.status === 200 && !isList).toBe(false);
      }
    },
  );

  test("and nothing of the rival's has been changed by it", async () => {
    const owner = { headers: { authorization: `Bearer ${rival.keys.admin}` } };
    const machine = await portal.fetch("/api/v1/machines/web-01", owner);
    expect(await machine.json()).toMatchObject({ name: canary });
    const keys = await portal.fetch("/api/v1/keys", owner);
    expect(await keys.json()).toMatchObject({
      keys: expect.arrayContaining([expect.objectContaining({ name: canary, revoked_at: null })]),
    });
    const enrolments = await portal.fetch("/api/v1/enrolments", owner);
    expect(await enrolments.json()).toMatchObject({
      enrolments: [expect.objectContaining({ name: canary, revoked_at: null, uses: 0 })],
    });
    const report = await portal.fetch(`/api/v1/reports/${foreign.report_id}`, owner);
    expect(report.status).toBe(200);
  });
});
