import { randomUUID } from "node:crypto";
import { extendedQuery, runAlone, type ControlQuery } from "../db/database.ts";
import { migrateTenant, type Migrator } from "../db/migrate.ts";
import { migrationsDirectory, readMigrations } from "../db/migrations.ts";
import {
  createTenantRole,
  dropTenantRole,
  endTenantSessions,
  lockProvisioning,
  setTenantLogin,
} from "../db/roles.ts";
import { isTenantId, parseTenantId, type TenantId } from "../db/tenant-id.ts";

export interface Tenant {
  tenantId: TenantId;
  name: string;
  createdAt: Date;
  suspendedAt: Date | null;
}

/** Provisioning: a connection of the migrator, and the secret from which the tenant's password is derived. */
export interface Provisioning {
  client: Migrator;
  secret: string;
}

/** Role, schema, tables and the row of a new tenant, all or nothing. Throws RangeError where the name is taken or bad. */
export async function createTenant(
  { client, secret }: Provisioning,
  { name, directory = migrationsDirectory }: { name: string; directory?: string },
): Promise<Tenant> {
  if (name.trim() !== name || name.length === 0 || name.length > 64 || /\p{Cc}/u.test(name))
    throw new RangeError(
      `Cannot create tenant "${name}": a name has 1–64 characters, no control characters and no space at its ends`,
    );
  const { tenant: migrations } = await readMigrations(directory);
  // Random: catalogues show it to every tenant, so it must not tell whose it is.
  const tenantId = parseTenantId(randomUUID());
  try {
    await runAlone(client, async () => {
      await lockProvisioning(client);
      await createTenantRole(client, { database: client.database ?? "", tenantId, secret });
      await client.query("SET LOCAL ROLE pa_owner");
      await client.query("INSERT INTO control.tenant (id, name) VALUES ($1, $2)", [tenantId, name]);
      await client.query("RESET ROLE");
      await migrateTenant(client, { tenantId, migrations });
    });
  } catch (error) {
    const isTaken =
      error instanceof Error && "constraint" in error && error.constraint === "tenant_name";
    if (!isTaken) throw error;
    throw new RangeError(`Cannot create tenant "${name}": there is one of that name`, {
      cause: error,
    });
  }
  const created = await findTenant(provisioningQuery(client), tenantId);
  if (created === null) throw new Error(`Cannot find tenant ${tenantId}, which was just created`);
  return created;
}

/** In the order of their names. */
export function listTenants(query: ControlQuery): Promise<Tenant[]> {
  return selectTenants(query, "ORDER BY lower(name), id LIMIT 100000", []);
}

/** By id, or by name in any case. */
export async function findTenant(query: ControlQuery, idOrName: string): Promise<Tenant | null> {
  const where = isTenantId(idOrName) ? "WHERE id = $1" : "WHERE lower(name) = lower($1)";
  const [tenant] = await selectTenants(query, `${where} ORDER BY id LIMIT 1`, [idOrName]);
  return tenant ?? null;
}

/** Statements on the control plane's tables over the migrator's connection. */
export function provisioningQuery(client: Migrator): ControlQuery {
  return <Row>(text: string, values: readonly unknown[] = []) =>
    runAlone(client, async () => {
      await client.query("SET LOCAL ROLE pa_owner");
      const { rows } = await client.query<Row & object>(extendedQuery(text, values));
      return rows;
    });
}

/** From the moment it returns nobody can act for the tenant: its role cannot log in and its sessions are ended. */
export async function suspendTenant(client: Migrator, tenantId: TenantId): Promise<void> {
  await setSuspended(client, { tenantId, suspended: true });
  await endTenantSessions(client, tenantId);
}

export async function resumeTenant(client: Migrator, tenantId: TenantId): Promise<void> {
  await setSuspended(client, { tenantId, suspended: false });
}

/**
 * Deletes schema, role, every row of the control plane that belongs to the tenant, and people who belong to no other.
 * There is no way back.
 */
export async function deleteTenant(client: Migrator, tenantId: TenantId): Promise<void> {
  await suspendTenant(client, tenantId);
  await runAlone(client, async () => {
    await lockProvisioning(client);
    await dropTenantRole(client, { database: client.database ?? "", tenantId });
    await client.query("SET LOCAL ROLE pa_owner");
    await client.query(
      `DELETE FROM control.person p
        WHERE EXISTS (SELECT FROM control.member m WHERE m.person_id = p.id AND m.tenant_id = $1)
          AND NOT EXISTS (SELECT FROM control.member m WHERE m.person_id = p.id AND m.tenant_id <> $1)`,
      [tenantId],
    );
    // Jobs carry ids only, but these would outlive what they name.
    await client.query("DELETE FROM jobs.job WHERE data->>'tenantId' = $1", [tenantId]);
    await client.query("DELETE FROM control.tenant WHERE id = $1", [tenantId]);
    await client.query("RESET ROLE");
  });
}

async function setSuspended(
  client: Migrator,
  { tenantId, suspended }: { tenantId: TenantId; suspended: boolean },
): Promise<void> {
  await runAlone(client, async () => {
    await lockProvisioning(client);
    await client.query("SET LOCAL ROLE pa_owner");
    const { rowCount } = await client.query(
      `UPDATE control.tenant SET suspended_at = CASE WHEN $2 THEN coalesce(suspended_at, now()) END WHERE id = $1`,
      [tenantId, suspended],
    );
    await client.query("RESET ROLE");
    if (rowCount === 0) throw new RangeError(`Cannot find tenant ${tenantId}`);
    await setTenantLogin(client, { tenantId, allowed: !suspended });
  });
}

interface TenantRow {
  id: TenantId;
  name: string;
  created_at: Date;
  suspended_at: Date | null;
}

async function selectTenants(
  query: ControlQuery,
  tail: string,
  values: string[],
): Promise<Tenant[]> {
  const rows = await query<TenantRow>(
    `SELECT id, name, created_at, suspended_at FROM control.tenant ${tail}`,
    values,
  );
  return rows.map((row) => ({
    tenantId: row.id,
    name: row.name,
    createdAt: row.created_at,
    suspendedAt: row.suspended_at,
  }));
}
