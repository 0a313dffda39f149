import { expect, test } from "vitest";
import { asTenant } from "../db/tenant-db.ts";
import { findKey } from "../keys/keys.ts";
import { getMachine } from "../machines/machines.ts";
import { resumeTenant, suspendTenant } from "../tenants/tenants.ts";
import { newTenant, testDatabase, testProvisioning } from "../testing/postgres.ts";
import {
  createEnrolment,
  enrolHost,
  isValidEnrolment,
  listEnrolments,
  revokeEnrolment,
} from "./enrolments.ts";

const createdBy = "test";
const host = (machineId: string) => ({ machineId, facts: undefined, now: new Date() });

test("enrolHost() lets in as many hosts as the token says, also where more come at once", async () => {
  const database = testDatabase();
  const tenantId = await newTenant();
  const { token } = await createEnrolment(database, { tenantId, name: "t", maxUses: 3, createdBy });
  const names = Array.from({ length: 8 }, (_, index) => `web-${index}`);
  const enrolled = await Promise.all(names.map((name) => enrolHost(database, token, host(name))));
  const letIn = enrolled.filter((each) => each !== null);
  expect(letIn).toHaveLength(3);
  expect(await isValidEnrolment(database, token)).toBe(false);
  for (const { key } of letIn) {
    const found = await findKey(database, key.token);
    expect(found).toMatchObject({ tenantId, scopes: ["ingest"], machineId: key.machineId });
  }
  expect(await listEnrolments(database, { tenantId, limit: 10 })).toMatchObject([
    { name: "t", uses: 3, maxUses: 3, createdBy },
  ]);
});

test("enrolHost() refuses an unknown, expired or revoked token and those of a suspended tenant", async () => {
  const database = testDatabase();
  const tenantId = await newTenant();
  const make = () => createEnrolment(database, { tenantId, name: "t", maxUses: 9, createdBy });
  const isRefused = async (token: string) => {
    expect(await isValidEnrolment(database, token)).toBe(false);
    expect(await enrolHost(database, token, host("web-01"))).toBeNull();
  };
  const [expired, revoked, other] = [await make(), await make(), await make()];
  const inMs = expired.expiresAt.getTime() - expired.createdAt.getTime();
  expect(inMs).toBe(3_600_000);
  await database.control.query("UPDATE enrolment SET expires_at = now() WHERE id = $1", [
    expired.enrolmentId,
  ]);
  await isRefused(expired.token);
  await revokeEnrolment(database, { tenantId, enrolmentId: revoked.enrolmentId });
  await isRefused(revoked.token);
  const { client } = await testProvisioning();
  await suspendTenant(client, tenantId);
  await isRefused(other.token);
  await resumeTenant(client, tenantId);
  expect(await isValidEnrolment(database, other.token)).toBe(true);
  // A key is no token, nor the other way round.
  const enrolled = await enrolHost(database, other.token, host("web-01"));
  await isRefused(enrolled?.key.token ?? "");
  expect(await findKey(database, other.token)).toBeNull();
  await database.control.query("DELETE FROM enrolment WHERE id = $1", [other.enrolmentId]);
  await isRefused(other.token);
});

test("enrolHost() gives the use back where the machine cannot be registered", async () => {
  const database = testDatabase();
  const tenantId = await newTenant();
  const { token } = await createEnrolment(database, { tenantId, name: "t", maxUses: 1, createdBy });
  // No JSON that PostgreSQL takes: the tenant's transaction fails, behind the claim of the token.
  const facts = { kernel: "\u0000" };
  await expect(enrolHost(database, token, { ...host("web-01"), facts })).rejects.toThrow("Unicode");
  expect(await enrolHost(database, token, host("web-01"))).toMatchObject({ isNew: true });
});

test("the database holds a token's hash and hint only", async () => {
  const database = testDatabase();
  const tenantId = await newTenant();
  const { token } = await createEnrolment(database, { tenantId, name: "t", maxUses: 1, createdBy });
  const rows = await database.control.query(
    "SELECT to_jsonb(e) AS row FROM enrolment e WHERE tenant_id = $1",
    [tenantId],
  );
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(token.slice(0, -4).slice(-20));
});

test("revokeEnrolment() does not touch another tenant's token", async () => {
  const database = testDatabase();
  const [owner, stranger] = [await newTenant(), await newTenant()];
  const made = await createEnrolment(database, {
    tenantId: owner,
    name: "t",
    maxUses: 1,
    createdBy,
  });
  const { enrolmentId, token } = made;
  expect(await revokeEnrolment(database, { tenantId: stranger, enrolmentId })).toBeNull();
  expect(await enrolHost(database, token, host("web-01"))).toMatchObject({ tenantId: owner });
  const machine = await asTenant(database, owner, (db) => getMachine(db, { machineId: "web-01" }));
  expect(machine).not.toBeNull();
});
