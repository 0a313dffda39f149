import {
  EnrolReceipt,
  EnrolmentList,
  MachineDetail,
  NewEnrolment,
  type AuditEntry,
} from "@perfanalysis/contract/api";
import { Value } from "typebox/value";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newPortal, readProblem, type TestPortal, type TestTenant } from "../testing/portal.ts";

const json = { "content-type": "application/json" };
const facts = {
  host_name: "web-01.example",
  kernel: "6.1.0",
  cpu_count: 8,
  memory_bytes: 2 ** 34,
  interface_speeds_mbps: { eth0: 10_000 },
};

let portal: TestPortal;
beforeAll(async () => {
  portal = await newPortal();
});
afterAll(() => portal.close());

test("a host enrols with a person's token, and its key sends its own samples and no others", async () => {
  const tenant = await portal.newTenant();
  const person = await tenant.createPerson("admin");
  const made = await portal.fetch("/api/v1/enrolments", {
    method: "POST",
    headers: { ...(await person.signIn()), ...json },
    body: JSON.stringify({ name: "rack 7" }),
  });
  expect(made.status).toBe(201);
  expect(made.headers.get("cache-control")).toBe("no-store");
  const { token, ...enrolment } = Value.Parse(NewEnrolment, await made.json());
  expect(enrolment).toMatchObject({ max_uses: 1, uses: 0, created_by: person.email });

  const host = { ...facts, of_a_later_version: "left out" };
  const answer = await enrol(token, { machine_id: "web-01", host });
  expect(answer.status).toBe(201);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const { key, key_id, ...receipt } = Value.Parse(EnrolReceipt, await answer.json());
  expect(receipt).toMatchObject({
    tenant_id: tenant.tenantId,
    machine_id: "web-01",
    is_new: true,
  });
  await readProblem(await enrol(token, { machine_id: "web-02" }), 401);

  const machine = await portal.fetch("/api/v1/machines/web-01", { key: tenant.keys.read });
  expect(Value.Parse(MachineDetail, await machine.json())).toMatchObject({
    name: "web-01.example",
    host: facts,
  });
  expect((await stream(key, "web-01")).status).toBe(200);
  const foreign = await readProblem(await stream(key, "web-02"), 403);
  expect(foreign.detail).toContain('of machine "web-01" alone');
  await readProblem(await upload(key, "web-02"), 403);
  expect((await upload(key, "web-01")).status).toBe(200);
  await readProblem(await portal.fetch("/api/v1/machines/web-02", { key: tenant.keys.read }), 404);
  const validated = await portal.fetch("/api/v1/auth/validate", { key });
  expect(await validated.json()).toMatchObject({ machine_id: "web-01", scopes: ["ingest"] });

  const audit = await portal.fetch("/api/v1/audit", { key: tenant.keys.admin });
  // AuditList of the contract.
  const { entries } = (await audit.json()) as { entries: AuditEntry[] };
  expect(entries.map(({ time: _time, ...entry }) => entry)).toEqual([
    { actor: "rack 7", actor_kind: "enrolment", action: "key.create", target: key_id },
    { actor: "rack 7", actor_kind: "enrolment", action: "machine.enrol", target: "web-01" },
    {
      actor: person.email,
      actor_kind: "session",
      action: "enrolment.create",
      target: enrolment.enrolment_id,
    },
  ]);
});

test("the key of an enrolled host stays its own when it is rotated", async () => {
  const tenant = await portal.newTenant();
  const { token } = await makeToken(tenant);
  const answer = await enrol(token, { machine_id: "web-01" });
  const { key_id } = Value.Parse(EnrolReceipt, await answer.json());
  const rotated = await portal.fetch(`/api/v1/keys/${key_id}/rotate`, {
    method: "POST",
    key: tenant.keys.admin,
    headers: json,
    body: "{}",
  });
  // NewKey of the contract.
  const { key } = (await rotated.json()) as { key: string };
  await readProblem(await stream(key, "web-02"), 403);
  expect((await stream(key, "web-01")).status).toBe(200);
});

test("a machine that is there already enrols again and gets another key", async () => {
  const tenant = await portal.newTenant();
  const { token } = await makeToken(tenant, { max_uses: 2 });
  const first = await enrol(token, { machine_id: "web-01", host: facts });
  const again = await enrol(token, { machine_id: "web-01", host: { ...facts, cpu_count: 16 } });
  const [one, two] = [await first.json(), await again.json()].map((body) =>
    Value.Parse(EnrolReceipt, body),
  );
  expect([one?.is_new, two?.is_new]).toEqual([true, false]);
  expect((await stream(one?.key ?? "", "web-01")).status).toBe(200);
  expect((await stream(two?.key ?? "", "web-01")).status).toBe(200);
  const machine = await portal.fetch("/api/v1/machines/web-01", { key: tenant.keys.read });
  expect(await machine.json()).toMatchObject({ host: { cpu_count: 16 } });
});

test("a revoked token lets nobody in, and the list does not show it", async () => {
  const tenant = await portal.newTenant();
  const { token, enrolment_id } = await makeToken(tenant, { max_uses: 5 });
  const path = `/api/v1/enrolments/${enrolment_id}`;
  const revoked = await portal.fetch(path, { method: "DELETE", key: tenant.keys.admin });
  expect(revoked.status).toBe(200);
  await readProblem(await enrol(token, { machine_id: "web-01" }), 401);
  const list = await portal.fetch("/api/v1/enrolments", { key: tenant.keys.admin });
  const text = await list.text();
  expect(Value.Parse(EnrolmentList, JSON.parse(text)).enrolments).toMatchObject([
    { enrolment_id, uses: 0, max_uses: 5, revoked_at: expect.any(String) },
  ]);
  expect(text).not.toContain(token.slice(10, 30));
});

test("only administrators make tokens, and what cannot be is refused with its field", async () => {
  const tenant = await portal.newTenant();
  for (const key of [tenant.keys.ingest, tenant.keys.read])
    await readProblem(await post("/api/v1/enrolments", key, { name: "t" }), 403);
  for (const [body, column] of [
    [{ name: "" }, "/name"],
    [{ name: " " }, "/name"],
    [{ name: "t", max_uses: 0 }, "/max_uses"],
    [{ name: "t", max_uses: 10_001 }, "/max_uses"],
  ] as const) {
    const refused = await readProblem(
      await post("/api/v1/enrolments", tenant.keys.admin, body),
      400,
    );
    expect(refused.errors?.map((error) => error.column)).toContain(column);
  }
  const { token } = await makeToken(tenant);
  for (const [body, column] of [
    [{}, "/machine_id"],
    [{ machine_id: "../x" }, "/machine_id"],
    [{ machine_id: "web-01", host: { kernel: "a\u0000b" } }, "/host/kernel"],
    [{ machine_id: "web-01", host: { kernel: "\ud800" } }, "/host/kernel"],
    [{ machine_id: "web-01", host: { cpu_count: -1 } }, "/host/cpu_count"],
  ] as const) {
    const refused = await readProblem(await enrol(token, body), 400);
    const columns = refused.errors?.map((error) => error.column ?? error.message).join(" ");
    expect(columns).toContain(column.slice(1));
  }
  // None of them has used the token up.
  expect((await enrol(token, { machine_id: "web-01" })).status).toBe(201);
});

test("guessing tokens ends soon", async () => {
  const own = await newPortal();
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 62; attempt++) {
    const response = await own.fetch("/api/v1/enrol", {
      method: "POST",
      key: "pa_enrol_x",
      headers: json,
      body: "{}",
    });
    statuses.push(response.status);
  }
  expect(statuses.slice(0, 60)).toEqual(Array.from({ length: 60 }, () => 401));
  expect(statuses.slice(60)).toEqual([429, 429]);
});

async function makeToken(tenant: TestTenant, options: object = {}): Promise<NewEnrolment> {
  const body = { name: "rack 7", ...options };
  const made = await post("/api/v1/enrolments", tenant.keys.admin, body);
  return Value.Parse(NewEnrolment, await made.json());
}

function enrol(token: string, body: object): Promise<Response> {
  return post("/api/v1/enrol", token, body);
}

function post(path: string, key: string, body: object): Promise<Response> {
  return portal.fetch(path, { method: "POST", key, headers: json, body: JSON.stringify(body) });
}

const csvOf = (machineId: string) =>
  `timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free\n1750000000,${machineId},1,1,98,8,4\n`;
let sequence = 0;

function stream(key: string, machineId: string): Promise<Response> {
  sequence += 1;
  const query = `agent=${machineId}&epoch=e&sequence=${sequence}`;
  return portal.fetch(`/api/v1/performance/stream?${query}`, {
    method: "POST",
    key,
    headers: { "content-type": "text/csv" },
    body: csvOf(machineId),
  });
}

function upload(key: string, machineId: string): Promise<Response> {
  const form = new FormData();
  form.set("machine_id", machineId);
  form.set("file", new Blob([csvOf(machineId)]), "x.csv");
  return portal.fetch("/api/v1/performance/upload", { method: "POST", key, body: form });
}
