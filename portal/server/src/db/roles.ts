// The roles and rights of tenancy: a login role and a schema for each tenant. Names are made of random ids and stand
// unquoted in SQL; statements that define roles take no parameters.
import { escapeIdentifier } from "pg";
import type pg from "pg";
import { scramVerifier } from "./scram.ts";
import { tenantPassword } from "./secrets.ts";
import { tenantRole, tenantSchema, type TenantId } from "./tenant-id.ts";

/** Changes to roles and to the database's own rights come one at a time: PostgreSQL fails where two meet. */
export async function lockProvisioning(client: pg.ClientBase): Promise<void> {
  await client.query(
    "SELECT pg_advisory_xact_lock(hashtextextended('perfanalysis provisioning', 0))",
  );
}

/** Within a transaction under the provisioning lock, as the migrator. Does nothing that is done already. */
export async function prepareControlPlane(
  client: pg.ClientBase,
  {
    database,
    controlUser,
    controlPassword,
  }: { database: string; controlUser: string; controlPassword: string },
): Promise<void> {
  const name = escapeIdentifier(database);
  const control = escapeIdentifier(controlUser);
  if (!(await hasRole(client, "pa_owner"))) await client.query("CREATE ROLE pa_owner NOLOGIN");
  await joinRole(client, "pa_owner");
  const verb = (await hasRole(client, controlUser)) ? "ALTER" : "CREATE";
  await client.query(
    `${verb} ROLE ${control} LOGIN NOINHERIT PASSWORD '${scramVerifier(controlPassword)}'`,
  );
  await client.query(`
    REVOKE ALL ON DATABASE ${name} FROM PUBLIC;
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT CONNECT ON DATABASE ${name} TO ${control};
    GRANT CREATE ON DATABASE ${name} TO pa_owner;
    ALTER ROLE ${control} IN DATABASE ${name} SET search_path = control, pg_temp;
    SET LOCAL ROLE pa_owner;
    CREATE SCHEMA IF NOT EXISTS control;
    GRANT USAGE ON SCHEMA control TO ${control};
    ALTER DEFAULT PRIVILEGES IN SCHEMA control GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${control};
    RESET ROLE;
  `);
}

/** Creates the tenant's role and its empty schema. Within a transaction under the provisioning lock. */
export async function createTenantRole(
  client: pg.ClientBase,
  { database, tenantId, secret }: { database: string; tenantId: TenantId; secret: string },
): Promise<void> {
  const [role, schema] = [tenantRole(tenantId), tenantSchema(tenantId)];
  const verifier = scramVerifier(tenantPassword(secret, tenantId));
  await client.query(`
    CREATE ROLE ${role} LOGIN NOINHERIT CONNECTION LIMIT 4 PASSWORD '${verifier}';
    ALTER ROLE ${role} SET search_path = ${schema}, pg_temp;
    ALTER ROLE ${role} SET statement_timeout = '30s';
    GRANT CONNECT ON DATABASE ${escapeIdentifier(database)} TO ${role};
    SET LOCAL ROLE pa_owner;
    CREATE SCHEMA ${schema};
    GRANT USAGE ON SCHEMA ${schema} TO ${role};
    ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${role};
    RESET ROLE;
  `);
}

/** Lets the tenant log in again, or keeps it out and ends its sessions once the transaction commits. */
export async function setTenantLogin(
  client: pg.ClientBase,
  { tenantId, allowed }: { tenantId: TenantId; allowed: boolean },
): Promise<void> {
  await client.query(`ALTER ROLE ${tenantRole(tenantId)} ${allowed ? "LOGIN" : "NOLOGIN"}`);
}

/** Ends the tenant's sessions, which only the tenant's own role may. Its role must not be able to log in any more. */
export async function endTenantSessions(client: pg.ClientBase, tenantId: TenantId): Promise<void> {
  const role = tenantRole(tenantId);
  await joinRole(client, role);
  await client.query(`SET ROLE ${role}`);
  try {
    await client.query(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid()",
      [role],
    );
  } finally {
    await client.query("RESET ROLE");
    await client.query(`REVOKE ${role} FROM CURRENT_USER`);
  }
}

/** Drops the tenant's schema and role. Within a transaction under the provisioning lock. */
export async function dropTenantRole(
  client: pg.ClientBase,
  { database, tenantId }: { database: string; tenantId: TenantId },
): Promise<void> {
  const [role, schema] = [tenantRole(tenantId), tenantSchema(tenantId)];
  await joinRole(client, role);
  await client.query(`
    SET LOCAL ROLE pa_owner;
    DROP SCHEMA ${schema} CASCADE;
    -- A tenant's role can make large objects, which lie in no schema.
    SET LOCAL ROLE ${role};
    DROP OWNED BY ${role};
    RESET ROLE;
    REVOKE ALL ON DATABASE ${escapeIdentifier(database)} FROM ${role};
    DROP ROLE ${role};
  `);
}

/** Makes the migrator able to act as `role`; before PostgreSQL 16 a membership had no options. */
async function joinRole(client: pg.ClientBase, role: string): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  const version = rows[0]?.version ?? 0;
  await client.query(
    `GRANT ${role} TO CURRENT_USER${version >= 160_000 ? " WITH SET TRUE, INHERIT FALSE" : ""}`,
  );
}

async function hasRole(client: pg.ClientBase, role: string): Promise<boolean> {
  const { rows } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [role]);
  return rows.length > 0;
}
