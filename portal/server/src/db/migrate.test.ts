// On a server of its own, since tenants get migrations that others must not have.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { readSettings } from "../config.ts";
import { createTenant, deleteTenant, provisioningQuery } from "../tenants/tenants.ts";
import { describeSchema } from "../testing/catalogue.ts";
import type { ControlQuery } from "./database.ts";
import { deleteLocalServer, openLocalServer, type LocalServer } from "./local-server.ts";
import { connectMigrator, isMigrated, migrate, type Migrator } from "./migrate.ts";
import { migrationsDirectory, readMigrations } from "./migrations.ts";
import { tenantSchema, type TenantId } from "./tenant-id.ts";

let stateDirectory: string;
let server: LocalServer;
let client: Migrator;
let query: ControlQuery;

beforeAll(async () => {
  stateDirectory = await mkdtemp(join(tmpdir(), "perfanalysis-migrate-"));
  server = await openLocalServer({ stateDirectory, kind: readSettings().postgres, durable: false });
  await migrate(server);
  client = await connectMigrator(server);
  query = provisioningQuery(client);
});

afterAll(async () => {
  await client.end();
  await server.close();
  await deleteLocalServer(stateDirectory);
  await rm(stateDirectory, { recursive: true });
});

test("migrate() does nothing when all is up to date", async () => {
  await createTenants(2);
  expect(await migrate(server)).toEqual({ control: 0, tenants: 0 });
});

test("a tenant that was migrated step by step equals a new one", async () => {
  const directory = await newMigrations({});
  const [old] = await createTenants(1, directory);
  if (old === undefined) throw new Error("Cannot make a tenant");
  const grown = await newMigrations({
    "9001_grow.sql": "ALTER TABLE machine ADD note text; CREATE TABLE extra (id int PRIMARY KEY);",
  });
  expect((await migrate(server, { directory: grown })).tenants).toBeGreaterThan(0);
  const [fresh] = await createTenants(1, grown);
  if (fresh === undefined) throw new Error("Cannot make a tenant");
  expect(await describeSchema(query, old)).toEqual(await describeSchema(query, fresh));
  expect(await describeSchema(query, old)).toContainEqual(expect.stringMatching(/^relation extra/));
});

test("migrate() refuses an edit of an applied migration and changes nothing", async () => {
  await createTenants(1);
  await migrate(server, { directory: await newMigrations({ "9001_a.sql": "SELECT 1;" }) });
  const edited = await newMigrations({ "9001_a.sql": "SELECT 2;" });
  await expect(migrate(server, { directory: edited })).rejects.toThrow(
    "9001_a.sql was edited after it was applied",
  );
});

test("migrate() leaves a tenant as it was when its migration fails, and goes on with the others", async () => {
  const [broken, other] = await createTenants(2);
  if (broken === undefined || other === undefined) throw new Error("Cannot make tenants");
  await runAsOwner(`CREATE TABLE ${tenantSchema(broken)}.in_the_way (id int)`);
  const directory = await newMigrations({
    "9001_first.sql": "CREATE TABLE before (id int);",
    "9002_second.sql": "CREATE TABLE in_the_way (id int);",
  });
  await expect(migrate(server, { directory })).rejects.toThrow(
    new RegExp(`Cannot migrate 1 of \\d+ tenants.*${broken}.*9002_second.sql.*already exists`),
  );
  expect(await hasTable(broken, "before")).toBe(false);
  expect(await hasTable(other, "in_the_way")).toBe(true);
  await runAsOwner(`DROP TABLE ${tenantSchema(broken)}.in_the_way`);
  expect((await migrate(server, { directory })).tenants).toBe(1);
  expect(await hasTable(broken, "before")).toBe(true);
});

test("migrate() that was killed is resumed by the next", async () => {
  const tenants = await createTenants(12);
  const directory = await newMigrations({
    "9001_slow.sql":
      "CREATE TABLE slow_1 (id int); SELECT pg_sleep(0.1); CREATE TABLE slow_2 (id int);",
  });
  const child = runMigrateProcess(directory);
  while ((await countDone(tenants)) < 3) await sleep(10);
  child.kill("SIGKILL");
  await once(child, "exit");
  const done = await countDone(tenants);
  expect(done).toBeLessThan(tenants.length);
  for (const tenant of tenants)
    expect(await hasTable(tenant, "slow_1")).toBe(await hasTable(tenant, "slow_2"));
  const { tenants: migrated } = await migrate(server, { directory });
  // Between the kill and now its last transactions may have been committed.
  expect(migrated).toBeLessThanOrEqual(tenants.length - done);
  expect(await countDone(tenants)).toBe(tenants.length);
});

test("migrate() waits for a tenant whose table is in use instead of blocking it", async () => {
  const [tenant] = await createTenants(1);
  if (tenant === undefined) throw new Error("Cannot make a tenant");
  const directory = await newMigrations({ "9001_lock.sql": "ALTER TABLE machine ADD note text;" });
  const holder = await connectMigrator(server);
  await holder.query(
    `BEGIN; SET LOCAL ROLE pa_owner; LOCK TABLE ${tenantSchema(tenant)}.machine IN ACCESS SHARE MODE`,
  );
  const release = sleep(2_300).then(() => holder.end());
  expect((await migrate(server, { directory })).tenants).toBe(1);
  await release;
});

test("isMigrated() tells whether a tenant lacks a migration", async () => {
  await createTenants(1);
  const current = await readMigrations(migrationsDirectory);
  expect(await isMigrated(query, current)).toBe(true);
  const directory = await newMigrations({ "9001_new.sql": "SELECT 1;" });
  expect(await isMigrated(query, await readMigrations(directory))).toBe(false);
});

test("createTenant() and migrate() can run side by side on many connections", async () => {
  const work = async () => {
    const own = await connectMigrator(server);
    try {
      const { tenantId } = await createTenant(
        { client: own, secret: server.secret },
        { name: crypto.randomUUID() },
      );
      await deleteTenant(own, tenantId);
      return tenantId;
    } finally {
      await own.end();
    }
  };
  const jobs = Array.from({ length: 8 }, work);
  await Promise.all([...jobs, migrate(server), migrate(server)]);
  expect(new Set(await Promise.all(jobs)).size).toBe(8);
});

/** Tenants of the test's own, gone when it ends, so that no test meets another's migrations. */
async function createTenants(count: number, directory = migrationsDirectory): Promise<TenantId[]> {
  const made: TenantId[] = [];
  onTestFinished(async () => {
    for (const tenantId of made) await deleteTenant(client, tenantId);
  });
  for (let index = 0; index < count; index++) {
    const name = crypto.randomUUID();
    const provisioning = { client, secret: server.secret };
    made.push((await createTenant(provisioning, { name, directory })).tenantId);
  }
  return made;
}

/** The portal's migrations and more for tenants. */
async function newMigrations(files: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "perfanalysis-migrations-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await cp(migrationsDirectory, directory, { recursive: true });
  for (const [name, text] of Object.entries(files))
    await writeFile(join(directory, "tenant", name), text);
  return directory;
}

function runMigrateProcess(directory: string) {
  const { address, control, migrator } = server;
  const script = `
    import { migrate } from ${JSON.stringify(join(import.meta.dirname, "migrate.ts"))};
    const [access, directory] = JSON.parse(process.env.TEST_INPUT);
    await migrate(access, { directory, parallel: 2 });`;
  const input = JSON.stringify([{ address, control, migrator }, directory]);
  return spawn(process.execPath, ["--input-type=module", "-e", script], {
    env: { TEST_INPUT: input },
    stdio: "ignore",
  });
}

async function countDone(tenants: TenantId[]): Promise<number> {
  const rows = await query(
    "SELECT FROM control.tenant_migration WHERE version = 9001 AND tenant_id = ANY($1)",
    [tenants],
  );
  return rows.length;
}

async function hasTable(tenantId: TenantId, name: string): Promise<boolean> {
  const [row] = await query<{ found: boolean }>("SELECT to_regclass($1) IS NOT NULL AS found", [
    `${tenantSchema(tenantId)}.${name}`,
  ]);
  return row?.found === true;
}

async function runAsOwner(statement: string): Promise<void> {
  await query(statement);
}
