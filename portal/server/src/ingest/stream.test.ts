import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asTenant } from "../db/tenant-db.ts";
import type { LiveSample } from "../live/hub.ts";
import { newPortal, readProblem, type TestPortal, type TestTenant } from "../testing/portal.ts";
import { storeBatch } from "./stream-batches.ts";

const header = "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free";
const startS = 1_767_225_600;
const batch = (from: number, rows: number, user = 1): string =>
  `${header}\n${Array.from({ length: rows }, (_, index) => `${startS + from + index},web-01,${user},,97,4096,1024\n`).join("")}`;

let portal: TestPortal;
beforeAll(async () => {
  portal = await newPortal();
});
afterAll(() => portal.close());

interface Sending {
  sequence?: number | string;
  epoch?: string;
  headers?: Record<string, string>;
  key?: string;
}

function stream(
  tenant: TestTenant,
  body: string | Uint8Array<ArrayBuffer>,
  { sequence = 0, epoch = "e1", headers = {}, key = tenant.keys.ingest }: Sending = {},
): Promise<Response> {
  const query = new URLSearchParams({ agent: "web-01", epoch, sequence: String(sequence) });
  return portal.fetch(`/api/v1/performance/stream?${query.toString()}`, {
    method: "POST",
    key,
    headers: { "content-type": "text/csv", ...headers },
    body,
  });
}

async function countRows(tenant: TestTenant): Promise<number> {
  const [row] = await asTenant(portal.services.database, tenant.tenantId, (db) =>
    db.query<{ count: number }>("SELECT count(*)::int AS count FROM hot"),
  );
  return row?.count ?? Number.NaN;
}

test("stream stores a batch, and what it answers is committed", async () => {
  const tenant = await portal.newTenant();
  const response = await stream(tenant, batch(0, 3));
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    status: "success",
    rows_imported: 3,
    rows_duplicate: 0,
    machine_id: "web-01",
  });
  expect(await countRows(tenant)).toBe(3);
});

test("stream gives the same answer to the same batch, zipped or not, and adds nothing", async () => {
  const tenant = await portal.newTenant();
  const first = await (await stream(tenant, batch(0, 3), { sequence: 7 })).json();
  const again = await stream(tenant, batch(0, 3), { sequence: 7 });
  expect(await again.json()).toEqual(first);
  const zipped = await stream(tenant, new Uint8Array(gzipSync(batch(0, 3))), {
    sequence: 7,
    headers: { "content-encoding": "gzip" },
  });
  expect(await zipped.json()).toEqual(first);
  expect(await countRows(tenant)).toBe(3);
});

test.each(["1e30", "9007199254740993", "-1", "1.5"])(
  "stream refuses %s as the number of a batch",
  async (sequence) => {
    const response = await stream(await portal.newTenant(), batch(0, 1), { sequence });
    expect((await readProblem(response, 400)).detail).toContain("/sequence");
  },
);

test("stream refuses another batch of the same name, and stores nothing of it", async () => {
  const tenant = await portal.newTenant();
  await stream(tenant, batch(0, 3));
  const problem = await readProblem(await stream(tenant, batch(10, 3)), 409);
  expect(problem.detail).toContain('batch 0 of agent "web-01", epoch "e1"');
  expect(await countRows(tenant)).toBe(3);
});

test("stream stores a batch once when it comes many times at once", async () => {
  const tenant = await portal.newTenant();
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => (await stream(tenant, batch(0, 5))).json()),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toMatchObject({ rows_imported: 5 });
  expect(await countRows(tenant)).toBe(5);
});

test("stream tells rows that another batch brought from new ones", async () => {
  const tenant = await portal.newTenant();
  await stream(tenant, batch(0, 3), { sequence: 0 });
  const answer = await (await stream(tenant, batch(2, 3), { sequence: 1 })).json();
  expect(answer).toMatchObject({ rows_imported: 2, rows_duplicate: 1 });
  const restarted = await (await stream(tenant, batch(0, 3), { sequence: 0, epoch: "e2" })).json();
  expect(restarted).toMatchObject({ rows_imported: 0, rows_duplicate: 3 });
});

test("stream shows new rows to those who watch, once, to the tenant's own alone", async () => {
  const [acme, rival] = await Promise.all([portal.newTenant(), portal.newTenant()]);
  const seen: LiveSample[] = [];
  const leaked: LiveSample[] = [];
  const { live } = portal.services;
  const stops = [
    live.subscribe(acme.tenantId, ["web-01"], (sample) => seen.push(sample)),
    live.subscribe(rival.tenantId, ["web-01"], (sample) => leaked.push(sample)),
  ];
  await stream(acme, batch(0, 100));
  await stream(acme, batch(0, 100));
  await stream(acme, `${batch(200, 1)}nonsense`, { sequence: 1 });
  for (const stop of stops) stop();
  expect(seen.map(({ time }) => time - startS)).toEqual(
    Array.from({ length: 60 }, (_, index) => 40 + index),
  );
  expect(seen.at(-1)).toEqual({
    machineId: "web-01",
    time: startS + 99,
    values: { cpu_user: 1, cpu_system: null, cpu_idle: 97, mem_total: 4096, mem_free: 1024 },
  });
  expect(leaked).toEqual([]);
});

test("stream refuses bad rows with line and column, and the same name may be used again", async () => {
  const tenant = await portal.newTenant();
  const problem = await readProblem(
    await stream(tenant, batch(0, 3).replace(",97,", ",NaN,")),
    400,
  );
  expect(problem.errors).toEqual([
    { line: 2, column: "cpu_idle", value: "NaN", message: expect.any(String) },
  ]);
  expect(await countRows(tenant)).toBe(0);
  expect((await stream(tenant, batch(0, 3))).status).toBe(200);
});

test("stream refuses what is no batch of CSV", async () => {
  const tenant = await portal.newTenant();
  const bomb = new Uint8Array(gzipSync(Buffer.alloc(9 * 1024 * 1024, batch(0, 1))));
  await readProblem(await stream(tenant, bomb, { headers: { "content-encoding": "gzip" } }), 413);
  await readProblem(await stream(tenant, batch(0, 300_000)), 413);
  await readProblem(
    await stream(tenant, "{}", { headers: { "content-type": "application/json" } }),
    415,
  );
  await readProblem(await stream(tenant, "a", { headers: { "content-encoding": "br" } }), 415);
  await readProblem(
    await stream(tenant, "a", { headers: { "content-encoding": "gzip, gzip" } }),
    415,
  );
  await readProblem(await stream(tenant, header), 400);
  expect(await countRows(tenant)).toBe(0);
});

test.each([
  { sequence: -1 },
  { sequence: "x" },

  { epoch: "a b" },
  { epoch: "" },
])("stream refuses the name %j", async (name) => {
  const problem = await readProblem(await stream(portal, batch(0, 1), name), 400);
  expect(problem.errors?.[0]?.column).toBe(`/${Object.keys(name)[0]}`);
});

test("stream needs a valid key with the scope ingest", async () => {
  const forbidden = await stream(portal, batch(0, 1), { key: portal.keys.read });
  expect((await readProblem(forbidden, 403)).detail).toContain('"ingest"');
  await readProblem(await stream(portal, batch(0, 1), { key: "nonsense" }), 401);
});

test("storeBatch() remembers the last thousand batches of an epoch and forgets those before", async () => {
  const { database } = portal.services;
  const { tenantId } = await portal.newTenant();
  const store = (sequence: number) =>
    asTenant(database, tenantId, (db) =>
      storeBatch(db, {
        name: { agent: "web-01", epoch: "e1", sequence },
        digest: Buffer.from([sequence % 256]),
        machineId: "web-01",
        blocks: [],
      }),
    );
  for (const sequence of [0, 1, 1024, 2047, 2048]) {
    expect(await store(sequence)).toMatchObject({ kind: "new" });
  }
  const known = await asTenant(database, tenantId, (db) =>
    db.query<{ sequence: string }>("SELECT sequence FROM stream_batch ORDER BY sequence"),
  );
  expect(known.map(({ sequence }) => Number(sequence))).toEqual([1024, 2047, 2048]);
});
