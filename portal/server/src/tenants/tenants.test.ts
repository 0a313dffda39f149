import { randomUUID } from "node:crypto";
import pino from "pino";
import { expect, onTestFinished, test } from "vitest";
import { asTenant, type TenantId } from "../db/tenant-db.ts";
import { tenantRole, tenantSchema } from "../db/tenant-id.ts";
import { openJobQueue } from "../jobs/queue.ts";
import { createKey, findKey } from "../keys/keys.ts";
import { createUser } from "../people/people.ts";
import {
  connectAsTenant,
  newTenant,
  openTestDatabase,
  testAccess,
  testDatabase,
  testProvisioning,
} from "../testing/postgres.ts";
import {
  createTenant,
  deleteTenant,
  findTenant,
  listTenants,
  provisioningQuery,
  resumeTenant,
  suspendTenant,
} from "./tenants.ts";

test("createTenant() makes a tenant that findTenant() and listTenants() show", async () => {
  const provisioning = await testProvisioning();
  const name = `Acme ${randomUUID()}`;
  const tenant = await createTenant(provisioning, { name });
  const { query } = testDatabase().control;
  expect(tenant).toMatchObject({ name, suspendedAt: null });
  expect(await findTenant(query, name.toUpperCase())).toEqual(tenant);
  expect(await findTenant(query, tenant.tenantId)).toEqual(tenant);
  expect(await listTenants(query)).toContainEqual(tenant);
});

test("createTenant() refuses a name that is taken or cannot be, and leaves nothing behind", async () => {
  const provisioning = await testProvisioning();
  const name = `Acme ${randomUUID()}`;
  await createTenant(provisioning, { name });
  await expect(createTenant(provisioning, { name: name.toLowerCase() })).rejects.toThrow(
    "there is one of that name",
  );
  for (const bad of ["", " x", "x".repeat(65), "a\nb"])
    await expect(createTenant(provisioning, { name: bad })).rejects.toThrow(RangeError);
  expect(await listOrphans()).toEqual([]);
});

test("a tenant's role bears no customer's name", async () => {
  const provisioning = await testProvisioning();
  const { tenantId } = await createTenant(provisioning, {
    name: `Secret Customer ${randomUUID()}`,
  });
  expect(tenantRole(tenantId)).toMatch(/^t_[0-9a-f]{32}$/);
});

test("suspendTenant() ends the tenant's sessions and keeps it out until resumeTenant()", async () => {
  const tenant = await newTenant();
  const { client } = await testProvisioning();
  const database = openTestDatabase();
  try {
    await asTenant(database, tenant, (db) => db.query("SELECT 1"));
    await suspendTenant(client, tenant);
    expect(await countSessions(tenant)).toBe(0);
    await expect(asTenant(database, tenant, (db) => db.query("SELECT 1"))).rejects.toThrow(
      "not permitted to log in",
    );
    await resumeTenant(client, tenant);
    expect(await asTenant(database, tenant, (db) => db.query("SELECT 1 AS one"))).toEqual([
      { one: 1 },
    ]);
  } finally {
    await database.close();
  }
});

test("deleteTenant() leaves no schema, role, row, job, person or large object", async () => {
  const database = testDatabase();
  const [tenant, other] = [await newTenant(), await newTenant()];
  const { token } = await createKey(database, { tenantId: tenant, name: "k", scopes: ["read"] });
  const email = `${randomUUID()}@example.com`;
  const user = { email, name: "x", password: randomUUID(), role: "owner" } as const;
  const { personId } = await createUser(database, { ...user, tenantId: tenant });
  const both = await createUser(database, {
    ...user,
    email: `b${email}`,
    tenantId: tenant,
  });
  await database.control.query(
    "INSERT INTO member (tenant_id, person_id, role) VALUES ($1, $2, 'member')",
    [other, both.personId],
  );
  await asTenant(database, tenant, async (db) => {
    await db.query("INSERT INTO machine (machine_id, name) VALUES ('web-01', 'x')");
    await db.query("SELECT lo_from_bytea(0, 'left behind')");
  });
  const jobs = await openJobQueue({
    address: testAccess().address,
    login: testAccess().control,
    handlers: null,
    log: pino({ level: "silent" }),
  });
  onTestFinished(() => jobs.close());
  await jobs.enqueue("report", { tenantId: tenant, reportId: randomUUID() }, tenant);
  expect(await listTraces(tenant)).toContain("rows of jobs.job");
  const { client } = await testProvisioning();
  await deleteTenant(client, tenant);
  expect(await listTraces(tenant)).toEqual([]);
  expect(await findKey(database, token)).toBeNull();
  const people = await database.control.query<{ id: string }>(
    "SELECT id FROM person WHERE id = ANY($1) ORDER BY id",
    [[personId, both.personId]],
  );
  expect(people.map(({ id }) => id)).toEqual([both.personId]);
  await expect(deleteTenant(client, tenant)).rejects.toThrow("Cannot find tenant");
});

test("deleteTenant() works while the tenant's sessions hold its tables", async () => {
  const tenant = await newTenant();
  const { client } = await testProvisioning();
  const session = await connectAsTenant(tenant);
  await session.query("BEGIN; LOCK TABLE machine IN ROW EXCLUSIVE MODE");
  await deleteTenant(client, tenant);
  expect(await listTraces(tenant)).toEqual([]);
});

/** Everything in the whole cluster that bears the tenant's id: catalogue entries and rows of any control table. */
async function listTraces(tenantId: TenantId): Promise<string[]> {
  const { client } = await testProvisioning();
  const query = provisioningQuery(client);
  const [role, schema] = [tenantRole(tenantId), tenantSchema(tenantId)];
  const traces = await query<{ trace: string }>(
    `SELECT 'role ' || rolname AS trace FROM pg_roles WHERE rolname = $1
     UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname = $2
     UNION ALL SELECT 'right on ' || datname FROM pg_database WHERE datacl::text LIKE '%' || $1 || '%'
     UNION ALL SELECT 'setting' FROM pg_db_role_setting s WHERE s.setconfig::text LIKE '%' || $2 || '%'
     UNION ALL SELECT 'large object' FROM pg_largeobject_metadata m
                WHERE NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = m.lomowner)
     ORDER BY 1`,
    [role, schema],
  );
  const tables = await query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c
      WHERE c.relkind IN ('r', 'p') AND c.relnamespace IN ('control'::regnamespace, 'jobs'::regnamespace)
      ORDER BY 1`,
  );
  const found = traces.map(({ trace }) => trace);
  for (const { name } of tables) {
    const rows = await query(
      `SELECT FROM ${name} t WHERE to_jsonb(t)::text LIKE '%' || $1 || '%'`,
      [tenantId],
    );
    if (rows.length > 0) found.push(`rows of ${name}`);
  }
  return found;
}

/** Roles and schemas of tenants that do not exist. */
async function listOrphans(): Promise<unknown[]> {
  return await testDatabase().control.query(
    `SELECT rolname FROM pg_roles
      WHERE rolname LIKE 't\\_%' AND NOT EXISTS (SELECT FROM tenant t WHERE 't_' || replace(t.id::text, '-', '') = rolname)
     UNION ALL
     SELECT nspname FROM pg_namespace
      WHERE nspname LIKE 's\\_%' AND NOT EXISTS (SELECT FROM tenant t WHERE 's_' || replace(t.id::text, '-', '') = nspname)`,
  );
}

async function countSessions(tenantId: TenantId): Promise<number> {
  const { query } = testDatabase().control;
  const rows = await query("SELECT FROM pg_stat_activity WHERE usename = $1", [
    tenantRole(tenantId),
  ]);
  return rows.length;
}
