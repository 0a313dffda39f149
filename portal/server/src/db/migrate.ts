import { setTimeout as sleep } from "node:timers/promises";
import { connectClient, runAlone, type ControlQuery } from "./database.ts";
import type { DatabaseAccess } from "./local-server.ts";
import {
  migrationsDirectory,
  readMigrations,
  selectPending,
  type Migration,
  type Migrations,
} from "./migrations.ts";
import { lockProvisioning, prepareControlPlane } from "./roles.ts";
import { tenantSchema, type TenantId } from "./tenant-id.ts";
import type pg from "pg";

/** A connection that is logged in as the migrator. */
export type Migrator = pg.Client;

export interface MigrateOptions {
  /** Folder with control/ and tenant/. */
  directory?: string;
  /** Tenants at a time. */
  parallel?: number;
  /** Is told what was done. */
  say?: (text: string) => void;
}

export interface MigrateResult {
  /** Migrations of the control plane that were applied. */
  control: number;
  /** Tenants that were brought up to date. */
  tenants: number;
}

const lockAttempts = 5;

/**
 * Brings roles, the control plane and every tenant's schema up to date, as the migrator. A tenant's migrations are one
 * transaction, so that a run that was killed is simply run again.
 */
export async function migrate(
  access: Omit<DatabaseAccess, "secret">,
  { directory = migrationsDirectory, parallel = 3, say = () => undefined }: MigrateOptions = {},
): Promise<MigrateResult> {
  const migrations = await readMigrations(directory);
  const client = await connectMigrator(access);
  try {
    const control = await migrateControl(client, { access, migrations, say });
    const tenantIds = await listOutdated(client, migrations.tenant);
    if (tenantIds.length > 0)
      await migrateTenants({ access, tenantIds, migrations: migrations.tenant, parallel, say });
    return { control, tenants: tenantIds.length };
  } finally {
    await client.end();
  }
}

/** A connection for provisioning and migrations. Whoever asks for it ends it. */
export function connectMigrator({
  address,
  migrator,
}: Pick<DatabaseAccess, "address" | "migrator">): Promise<Migrator> {
  return connectClient({ ...address, ...migrator, application_name: "perfanalysis migrator" });
}

/** Applies all of a tenant's migrations that it lacks. Within a transaction; leaves the role as it was. */
export async function migrateTenant(
  client: pg.ClientBase,
  { tenantId, migrations }: { tenantId: TenantId; migrations: Migration[] },
): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
    `migrate ${tenantId}`,
  ]);
  await client.query("SET LOCAL lock_timeout = '2s'; SET LOCAL ROLE pa_owner");
  const { rows } = await client.query<Applied>(
    "SELECT version, checksum FROM control.tenant_migration WHERE tenant_id = $1 ORDER BY version",
    [tenantId],
  );
  await client.query(`SET LOCAL search_path = ${tenantSchema(tenantId)}, pg_temp`);
  for (const migration of selectPending(migrations, rows)) {
    await apply(client, migration);
    await client.query(
      "INSERT INTO control.tenant_migration (tenant_id, version, checksum) VALUES ($1, $2, $3)",
      [tenantId, migration.version, migration.checksum],
    );
  }
  await client.query("SET LOCAL search_path TO DEFAULT; RESET ROLE");
}

/** Whether every migration is applied, as far as the control plane's login can see; for readiness. */
export async function isMigrated(query: ControlQuery, migrations: Migrations): Promise<boolean> {
  const [row] = await query<{ control: number; outdated: number }>(
    `SELECT (SELECT count(*)::int FROM control.migration) AS control,
            (SELECT count(*)::int FROM control.tenant t
              WHERE (SELECT count(*) FROM control.tenant_migration m WHERE m.tenant_id = t.id) < $1) AS outdated`,
    [migrations.tenant.length],
  );
  return row !== undefined && row.control >= migrations.control.length && row.outdated === 0;
}

interface Applied {
  version: number;
  checksum: string;
}

async function migrateControl(
  client: pg.Client,
  {
    access,
    migrations,
    say,
  }: {
    access: Omit<DatabaseAccess, "secret">;
    migrations: Migrations;
    say: (text: string) => void;
  },
): Promise<number> {
  return runAlone(client, async () => {
    await lockProvisioning(client);
    await prepareControlPlane(client, {
      database: client.database ?? "",
      controlUser: access.control.user,
      controlPassword: access.control.password,
    });
    await client.query(
      "SET LOCAL lock_timeout = '2s'; SET LOCAL ROLE pa_owner; SET LOCAL search_path = control, pg_temp",
    );
    await client.query(`
      CREATE TABLE IF NOT EXISTS migration (
        version int PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());
    `);
    const { rows } = await client.query<Applied>(
      "SELECT version, checksum FROM migration ORDER BY version",
    );
    const pending = selectPending(migrations.control, rows);
    for (const migration of pending) {
      await apply(client, migration);
      await client.query("INSERT INTO migration (version, checksum) VALUES ($1, $2)", [
        migration.version,
        migration.checksum,
      ]);
      say(`Applied ${migration.name}`);
    }
    return pending.length;
  });
}

/** Tenants that lack a migration: two queries, however many tenants there are. */
async function listOutdated(client: pg.Client, migrations: Migration[]): Promise<TenantId[]> {
  await client.query("SET ROLE pa_owner");
  const { rows: applied } = await client.query<Applied>(
    "SELECT DISTINCT version, checksum FROM control.tenant_migration ORDER BY version",
  );
  // Refuses edited files even where no tenant lacks anything.
  selectPending(migrations, applied);
  const { rows } = await client.query<{ id: TenantId }>(
    `SELECT t.id FROM control.tenant t LEFT JOIN control.tenant_migration m ON m.tenant_id = t.id
      GROUP BY t.id HAVING count(m.version) < $1 ORDER BY t.id`,
    [migrations.length],
  );
  await client.query("RESET ROLE");
  return rows.map(({ id }) => id);
}

async function migrateTenants({
  access,
  tenantIds,
  migrations,
  parallel,
  say,
}: {
  access: Omit<DatabaseAccess, "secret">;
  tenantIds: TenantId[];
  migrations: Migration[];
  parallel: number;
  say: (text: string) => void;
}): Promise<void> {
  const queue = tenantIds.values();
  const failures: Error[] = [];
  const work = async () => {
    const client = await connectMigrator(access);
    try {
      for (const tenantId of queue) {
        try {
          await migrateOne(client, { tenantId, migrations });
          say(`Migrated tenant ${tenantId}`);
        } catch (error) {
          failures.push(new Error(`tenant ${tenantId}: ${String(error)}`, { cause: error }));
        }
      }
    } finally {
      await client.end();
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, tenantIds.length) }, work));
  if (failures.length > 0)
    throw new AggregateError(
      failures,
      `Cannot migrate ${failures.length} of ${tenantIds.length} tenants; the others are done. First: ${failures[0]?.message}`,
    );
}

/** A tenant whose tables are in use is tried again; meanwhile its own queries do not queue behind us. */
async function migrateOne(
  client: pg.Client,
  { tenantId, migrations }: { tenantId: TenantId; migrations: Migration[] },
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await runAlone(client, () => migrateTenant(client, { tenantId, migrations }));
      return;
    } catch (error) {
      const isLocked = error instanceof Error && isLockTimeout(error.cause ?? error);
      if (!isLocked || attempt === lockAttempts) throw error;
      await sleep(200 * attempt);
    }
  }
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "55P03";
}

async function apply(client: pg.ClientBase, { name, text }: Migration): Promise<void> {
  try {
    await client.query(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot apply ${name}: ${why}`, { cause: error });
  }
}
