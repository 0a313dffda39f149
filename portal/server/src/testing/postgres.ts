import { randomUUID } from "node:crypto";
import type { Client } from "pg";
import { afterAll, inject } from "vitest";
import {
  connectClient,
  openDatabase,
  type Database,
  type DatabaseOptions,
} from "../db/database.ts";
import type { DatabaseAccess } from "../db/local-server.ts";
import { connectMigrator, type Migrator } from "../db/migrate.ts";
import { createTenant, type Provisioning } from "../tenants/tenants.ts";
import { tenantPassword } from "../db/secrets.ts";
import { tenantRole, type TenantId } from "../db/tenant-id.ts";

let database: Database | undefined;
let migrator: Promise<Migrator> | undefined;
/** Tenants are created one after the other: they share the migrator's connection. */
let last: Promise<unknown> = Promise.resolve();

afterAll(async () => {
  await database?.close();
  await (await migrator)?.end();
});

/** Where the tests' PostgreSQL is, and the logins to it. */
export function testAccess(): DatabaseAccess {
  return inject("databaseAccess");
}

/** The test file's connections, closed when it ends. */
export function testDatabase(): Database {
  database ??= openTestDatabase();
  return database;
}

/** Connections of its own, with limits of its own, which the test closes. */
export function openTestDatabase(
  limits: Omit<DatabaseOptions, "address" | "control" | "secret"> = {},
): Database {
  const { address, control, secret } = testAccess();
  return openDatabase({ address, control, secret, ...limits });
}

/** The migrator's login, for what only provisioning may do. */
export async function testProvisioning(): Promise<Provisioning> {
  migrator ??= connectMigrator(testAccess());
  return { client: await migrator, secret: testAccess().secret };
}

/** A tenant of the test's own. */
export async function newTenant(): Promise<TenantId> {
  const created = last.then(async () =>
    createTenant(await testProvisioning(), { name: `test ${randomUUID()}` }),
  );
  last = created.catch(() => undefined);
  return (await created).tenantId;
}

/** A bare connection with the tenant's login, over which anything can be sent. The test ends it. */
export function connectAsTenant(tenantId: TenantId): Promise<Client> {
  const { address, secret } = testAccess();
  return connectClient({
    ...address,
    user: tenantRole(tenantId),
    password: tenantPassword(secret, tenantId),
  });
}
