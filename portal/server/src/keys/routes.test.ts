import { KeyList, KeyValidation, NewKey } from "@perfanalysis/contract/api";
import { Value } from "typebox/value";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newPortal, readProblem, type TestPortal } from "../testing/portal.ts";

let portal: TestPortal;

beforeAll(async () => {
  portal = await newPortal();
});

afterAll(() => portal.close());

test("a key is made, validated, rotated and revoked over HTTP", async () => {
  const { keys, tenantId } = await portal.newTenant();
  const made = await send("POST", "", keys.admin, { name: "fleet", scopes: ["ingest"] });
  expect(made.status).toBe(201);
  expect(made.headers.get("cache-control")).toBe("no-store");
  const key = Value.Parse(NewKey, await made.json());
  expect(await validate(key.key)).toMatchObject({
    tenant_id: tenantId,
    key_name: "fleet",
    scopes: ["ingest"],
    expires_at: null,
  });
  const rotated = await send("POST", `/${key.key_id}/rotate`, keys.admin, {});
  const newer = Value.Parse(NewKey, await rotated.json());
  expect((await validate(key.key)).expires_at).not.toBeNull();
  expect((await send("DELETE", `/${newer.key_id}`, keys.admin)).status).toBe(200);
  await readProblem(await portal.fetch("/api/v1/auth/validate", { key: newer.key }), 401);
  const list = await send("GET", "", keys.admin);
  const text = await list.text();
  expect(Value.Parse(KeyList, JSON.parse(text)).keys[0]?.revoked_at).not.toBeNull();
  expect(text).not.toContain(newer.key.slice(10, 30));
});

test("another tenant's key answers as a missing one", async () => {
  const [owner, stranger] = [await portal.newTenant(), await portal.newTenant()];
  const body = { name: "fleet", scopes: ["read"] };
  const made = await send("POST", "", owner.keys.admin, body);
  const { key_id, key } = Value.Parse(NewKey, await made.json());
  const missing = "00000000-0000-4000-8000-000000000000";
  for (const [method, suffix, input] of [
    ["DELETE", "", undefined],
    ["POST", "/rotate", { grace_seconds: 0 }],
  ] as const) {
    const foreign = await send(method, `/${key_id}${suffix}`, stranger.keys.admin, input);
    const unknown = await send(method, `/${missing}${suffix}`, stranger.keys.admin, input);
    const [a, b] = [await readProblem(foreign, 404), await readProblem(unknown, 404)];
    expect(a.detail).toBe(b.detail);
  }
  expect((await portal.fetch("/api/v1/auth/validate", { key })).status).toBe(200);
});

test("only the scope admin manages keys, and a person of that role may too", async () => {
  const tenant = await portal.newTenant();
  const body = { name: "k", scopes: ["admin"] };
  for (const scope of ["ingest", "read"] as const)
    await readProblem(await send("POST", "", tenant.keys[scope], body), 403);
  const owner = await (await tenant.createPerson("owner")).signIn();
  const list = await portal.fetch("/api/v1/keys", { headers: owner });
  expect(list.status).toBe(200);
  const member = await (await tenant.createPerson("member")).signIn();
  await readProblem(await portal.fetch("/api/v1/keys", { headers: member }), 403);
});

test("POST /keys refuses what cannot be, naming the field", async () => {
  const { keys } = await portal.newTenant();
  for (const [body, column] of [
    [{ name: "", scopes: ["read"] }, "/name"],
    [{ name: "k", scopes: [] }, "/scopes"],
    [{ name: "k", scopes: ["root"] }, "/scopes/0"],
    [{ name: "k", scopes: ["read"], expires_at: "2001-01-01T00:00:00Z" }, "/expires_at"],
    [{ name: "   ", scopes: ["read"] }, "/name"],
  ] as const) {
    const problem = await readProblem(await send("POST", "", keys.admin, body), 400);
    expect(problem.errors?.map((error) => error.column)).toContain(column);
  }
});

async function validate(key: string): Promise<KeyValidation> {
  const response = await portal.fetch("/api/v1/auth/validate", { key });
  return Value.Parse(KeyValidation, await response.json());
}

function send(method: string, path: string, key: string, body?: unknown): Promise<Response> {
  return portal.fetch(`/api/v1/keys${path}`, {
    method,
    key,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
}
