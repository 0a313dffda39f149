import { expect, test } from "vitest";
import { newTenant, testDatabase, testProvisioning } from "../testing/postgres.ts";
import { resumeTenant, suspendTenant } from "../tenants/tenants.ts";
import { flushKeyUse } from "./key-use.ts";
import { createKey, findKey, listKeys, revokeKey, rotateKey } from "./keys.ts";

test("findKey() tells tenant, name and scopes of a key", async () => {
  const tenantId = await newTenant();
  const { token, keyId } = await createKey(testDatabase(), {
    tenantId,
    name: "fleet",
    scopes: ["ingest", "read", "ingest"],
  });
  expect(await findKey(testDatabase(), token)).toEqual({
    tenantId,
    keyId,
    name: "fleet",
    scopes: ["ingest", "read"],
    machineId: null,
    expiresAt: null,
  });
});

test("the database holds a key's hash and hint only", async () => {
  const tenantId = await newTenant();
  const { token } = await createKey(testDatabase(), { tenantId, name: "k", scopes: ["read"] });
  const rows = await testDatabase().control.query(
    "SELECT to_jsonb(k) AS row FROM key k WHERE tenant_id = $1",
    [tenantId],
  );
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(token.slice(0, -4).slice(-20));
});

test("findKey() refuses unknown, revoked and expired keys and those of a suspended tenant", async () => {
  const database = testDatabase();
  const tenantId = await newTenant();
  const other = await createKey(database, { tenantId, name: "other", scopes: ["read"] });
  const revoked = await createKey(database, { tenantId, name: "revoked", scopes: ["read"] });
  await revokeKey(database, { tenantId, keyId: revoked.keyId });
  expect(await findKey(database, revoked.token)).toBeNull();
  const expiresAt = new Date(Date.now() - 1);
  const expired = await createKey(database, {
    tenantId,
    name: "old",
    scopes: ["read"],
    expiresAt,
  });
  expect(await findKey(database, expired.token)).toBeNull();
  const { client } = await testProvisioning();
  await suspendTenant(client, tenantId);
  expect(await findKey(database, other.token)).toBeNull();
  await resumeTenant(client, tenantId);
  expect(await findKey(database, other.token)).not.toBeNull();
  await database.control.query("DELETE FROM key WHERE id = $1", [other.keyId]);
  expect(await findKey(database, other.token)).toBeNull();
});

test("revokeKey() and rotateKey() do not touch another tenant's key", async () => {
  const database = testDatabase();
  const [owner, stranger] = [await newTenant(), await newTenant()];
  const { keyId, token } = await createKey(database, {
    tenantId: owner,
    name: "k",
    scopes: ["read"],
  });
  expect(await revokeKey(database, { tenantId: stranger, keyId })).toBeNull();
  expect(await rotateKey(database, { tenantId: stranger, keyId, graceS: 0 })).toBeNull();
  expect(await findKey(database, token)).not.toBeNull();
});

test("rotateKey() gives a new key at once and lets the old one work for the grace period", async () => {
  const database = testDatabase();
  const tenantId = await newTenant();
  const old = await createKey(database, { tenantId, name: "fleet", scopes: ["ingest"] });
  const rotated = await rotateKey(database, { tenantId, keyId: old.keyId, graceS: 3600 });
  expect(rotated).toMatchObject({ name: "fleet", scopes: ["ingest"], expiresAt: null });
  const stillValid = await findKey(database, old.token);
  const inMs = (stillValid?.expiresAt?.getTime() ?? NaN) - Date.now();
  expect(inMs).toBeGreaterThan(3_500_000);
  expect(inMs).toBeLessThanOrEqual(3_600_000);
  expect(await findKey(database, rotated?.token ?? "")).not.toBeNull();
  await rotateKey(database, { tenantId, keyId: rotated?.keyId ?? "", graceS: 0 });
  expect(await findKey(database, rotated?.token ?? "")).toBeNull();
});

test("listKeys() pages through a tenant's own keys, newest first", async () => {
  const database = testDatabase();
  const tenantId = await newTenant();
  const made: string[] = [];
  for (const name of ["a", "b", "c", "d", "e"])
    made.unshift((await createKey(database, { tenantId, name, scopes: ["read"] })).keyId);
  const first = await listKeys(database, { tenantId, limit: 3 });
  const second = await listKeys(database, { tenantId, limit: 3, after: first.at(-1)?.keyId });
  expect([...first, ...second].map(({ keyId }) => keyId)).toEqual(made);
});

test("flushKeyUse() writes when a key was last used", async () => {
  const database = testDatabase();
  const tenantId = await newTenant();
  const { token } = await createKey(database, { tenantId, name: "k", scopes: ["read"] });
  expect((await listKeys(database, { tenantId, limit: 1 }))[0]?.lastUsedAt).toBeNull();
  const before = Date.now();
  await findKey(database, token);
  await flushKeyUse(database);
  const [key] = await listKeys(database, { tenantId, limit: 1 });
  expect(key?.lastUsedAt?.getTime()).toBeGreaterThanOrEqual(before);
});

test("createKey() refuses a name that cannot be", async () => {
  const tenantId = await newTenant();
  for (const name of ["", "  ", "x".repeat(65), "a\u0000b"])
    await expect(createKey(testDatabase(), { tenantId, name, scopes: ["read"] })).rejects.toThrow(
      RangeError,
    );
});
