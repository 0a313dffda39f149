import { Machine, MachineDetail, MachineList } from "@perfanalysis/contract/api";
import { Value } from "typebox/value";
import { beforeAll, afterAll, expect, test, vi } from "vitest";
import { asTenant, type TenantId } from "../db/tenant-db.ts";
import { appendSamples } from "../samples/write.ts";
import { newPortal, readProblem, type TestPortal, type TestTenant } from "../testing/portal.ts";
import { deleteMachine, ensureMachine } from "./machines.ts";

let portal: TestPortal;

beforeAll(async () => {
  portal = await newPortal();
});

afterAll(() => portal.close());

test("POST /machines registers a machine, which GET then shows without samples", async () => {
  const tenant = await portal.newTenant();
  const made = await send(tenant, "POST", "", { machine_id: "web-01", name: "Web" });
  expect(made.status).toBe(201);
  expect(await made.json()).toMatchObject({ machine_id: "web-01", last_seen: null, latest: null });
  const detail = Value.Parse(MachineDetail, await (await get(tenant, "/web-01")).json());
  expect(detail).toMatchObject({ name: "Web", columns: [], timestamp_range: null });
});

test("POST /machines refuses an id that is taken or cannot be one", async () => {
  const tenant = await portal.newTenant();
  await send(tenant, "POST", "", { machine_id: "web-01" });
  const taken = await readProblem(await send(tenant, "POST", "", { machine_id: "web-01" }), 409);
  expect(taken.detail).toContain("web-01");
  await readProblem(await send(tenant, "POST", "", { machine_id: "../etc" }), 400);
});

test.each(["a\0b", "two\nlines", " ", "e\u0301".repeat(100)])(
  "POST and PATCH /machines refuse the name %j",
  async (name) => {
    const tenant = await portal.newTenant();
    await send(tenant, "POST", "", { machine_id: "web-01" });
    for (const refused of [
      await send(tenant, "POST", "", { machine_id: "web-02", name }),
      await send(tenant, "PATCH", "/web-01", { name }),
    ])
      expect(await readProblem(refused, 400)).toMatchObject({ errors: [{ column: "/name" }] });
  },
);

test("a machine whose samples are being stored is deleted behind them", async () => {
  const { tenantId } = await portal.newTenant();
  const { database } = portal.services;
  let deletion: Promise<boolean> | undefined;
  await asTenant(database, tenantId, (db) => ensureMachine(db, { machineId: "web-01" }));
  await asTenant(database, tenantId, async (db) => {
    const machine = await ensureMachine(db, { machineId: "web-01" });
    let isDeleted = false;
    deletion = asTenant(database, tenantId, (other) =>
      deleteMachine(other, { machineId: "web-01" }),
    ).finally(() => (isDeleted = true));
    await vi.waitFor(async () => expect(isDeleted || (await countWaiting(tenantId))).toBe(1));
    await appendSamples(db, machine, {
      columns: ["cpu_user"],
      rowCount: 1,
      timestampsS: Float64Array.of(1_767_800_521),
      values: [Float64Array.of(1)],
    });
  });
  expect(await deletion).toBe(true);
});

test("GET /machines pages through all machines in the order of their ids, with latest samples", async () => {
  const tenant = await portal.newTenant();
  const ids = ["c-3", "a-1", "B-2", "a-10", "z"];
  await asTenant(portal.services.database, tenant.tenantId, async (db) => {
    for (const machineId of ids) await ensureMachine(db, { machineId });
    const machine = await ensureMachine(db, { machineId: "c-3" });
    await appendSamples(db, machine, {
      columns: ["cpu_user", "load1"],
      rowCount: 2,
      timestampsS: Float64Array.of(1_767_800_521, 1_767_800_522),
      values: [Float64Array.of(1, 2.5), Float64Array.of(3, Number.NaN)],
    });
  });
  const seen: Machine[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const response = await get(tenant, `?limit=2${query}`);
    const page = Value.Parse(MachineList, await response.json());
    expect(page.machines.length).toBeLessThanOrEqual(2);
    seen.push(...page.machines);
    cursor = page.next_cursor;
  }
  expect(seen.map(({ machine_id }) => machine_id)).toEqual(ids.toSorted());
  expect(seen.find(({ machine_id }) => machine_id === "c-3")?.latest).toEqual({
    time: "2026-01-07T15:42:02.000Z",
    values: { cpu_user: 2.5 },
  });
  await readProblem(await get(tenant, "?cursor=a%20b"), 400);
});

test("PATCH and DELETE change and remove a machine with its samples", async () => {
  const tenant = await portal.newTenant();
  const { database } = portal.services;
  await asTenant(database, tenant.tenantId, async (db) => {
    const machine = await ensureMachine(db, { machineId: "web-01" });
    await appendSamples(db, machine, {
      columns: ["cpu_user"],
      rowCount: 1,
      timestampsS: Float64Array.of(1_767_800_521),
      values: [Float64Array.of(1)],
    });
  });
  const edited = await send(tenant, "PATCH", "/web-01", { name: "Renamed" });
  expect(Value.Parse(Machine, await edited.json())).toMatchObject({ name: "Renamed" });
  expect((await send(tenant, "DELETE", "/web-01")).status).toBe(204);
  await readProblem(await send(tenant, "DELETE", "/web-01"), 404);
  await readProblem(await get(tenant, "/web-01"), 404);
  const left = await asTenant(database, tenant.tenantId, (db) =>
    db.query("SELECT (SELECT count(*)::int FROM hot) + (SELECT count(*)::int FROM latest) AS rows"),
  );
  expect(left).toEqual([{ rows: 0 }]);
});

test("another tenant's machine answers as a missing one, whatever the method", async () => {
  const [owner, stranger] = [await portal.newTenant(), await portal.newTenant()];
  await send(owner, "POST", "", { machine_id: "secret-01" });
  for (const [method, body] of [
    ["GET", undefined],
    ["PATCH", { name: "x" }],
    ["DELETE", undefined],
  ] as const) {
    const foreign = await readProblem(await send(stranger, method, "/secret-01", body), 404);
    const missing = await readProblem(await send(stranger, method, "/missing-01", body), 404);
    expect(foreign.detail).toBe(missing.detail.replace("missing-01", "secret-01"));
  }
  expect((await get(owner, "/secret-01")).status).toBe(200);
});

test("keys of lesser scopes are refused", async () => {
  const { keys } = await portal.newTenant();
  const body = JSON.stringify({ machine_id: "web-01" });
  const headers = { "content-type": "application/json" };
  const post = (key: string) =>
    portal.fetch("/api/v1/machines", { method: "POST", key, body, headers });
  const refusals = [
    await readProblem(await post(keys.read), 403),
    await readProblem(await portal.fetch("/api/v1/machines", { key: keys.ingest }), 403),
    await readProblem(await portal.fetch("/api/v1/machines"), 401),
  ];
  expect(refusals.map(({ title }) => title)).toEqual([
    "Not allowed",
    "Not allowed",
    "Not signed in",
  ]);
});

function get({ keys }: TestTenant, path: string): Promise<Response> {
  return portal.fetch(`/api/v1/machines${path}`, { key: keys.read });
}

function send(
  { keys }: TestTenant,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  return portal.fetch(`/api/v1/machines${path}`, {
    method,
    key: keys.admin,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
}

/** The tenant's sessions that wait for a lock. */
async function countWaiting(tenantId: TenantId): Promise<number> {
  const [row] = await asTenant(portal.services.database, tenantId, (db) =>
    db.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename = current_user AND wait_event_type = 'Lock'",
    ),
  );
  return row?.count ?? Number.NaN;
}
