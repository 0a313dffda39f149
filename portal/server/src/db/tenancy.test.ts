// The gate of tenancy: what a tenant's login can reach, tried from inside.
import { beforeAll, expect, test } from "vitest";
import { describeSchema } from "../testing/catalogue.ts";
import { connectAsTenant, newTenant, testDatabase } from "../testing/postgres.ts";
import { asTenant, type TenantId } from "./tenant-db.ts";
import { tenantRole, tenantSchema } from "./tenant-id.ts";

const canary = "canary-5f0c2d";
let attacker: TenantId;
let victim: TenantId;

beforeAll(async () => {
  attacker = await newTenant();
  victim = await newTenant();
  await asTenant(testDatabase(), victim, (db) =>
    db.query("INSERT INTO machine (machine_id, name) VALUES ('web-01', $1)", [canary]),
  );
});

test("no tenant's role has rights in another schema, nor in another database, nor in another role", async () => {
  await newTenant();
  const { query } = testDatabase().control;
  const foreign = await query(
    `SELECT r.rolname, n.nspname
       FROM pg_roles r CROSS JOIN pg_namespace n
      WHERE r.rolname LIKE 't\\_%'
        AND n.nspname NOT IN ('pg_catalog', 'information_schema', 's_' || substr(r.rolname, 3))
        AND (has_schema_privilege(r.rolname, n.oid, 'USAGE') OR has_schema_privilege(r.rolname, n.oid, 'CREATE'))`,
  );
  expect(foreign).toEqual([]);
  const creators = await query(
    `SELECT r.rolname, n.nspname FROM pg_roles r JOIN pg_namespace n ON n.nspname = 's_' || substr(r.rolname, 3)
      WHERE r.rolname LIKE 't\\_%' AND has_schema_privilege(r.rolname, n.oid, 'CREATE')`,
  );
  expect(creators).toEqual([]);
  const temporary = await query(
    `SELECT rolname FROM pg_roles WHERE (rolname LIKE 't\\_%' OR rolname = 'pa_control')
        AND has_database_privilege(rolname, current_database(), 'TEMP, CREATE')`,
  );
  expect(temporary).toEqual([]);
  const memberships = await query(
    `SELECT m.roleid::regrole, m.member::regrole FROM pg_auth_members m
      WHERE m.member::regrole::text LIKE 't\\_%' OR m.member::regrole::text = 'pa_control'`,
  );
  expect(memberships).toEqual([]);
  const [count] = await query<{ roles: number; schemas: number }>(
    `SELECT (SELECT count(*)::int FROM pg_roles WHERE rolname LIKE 't\\_%') AS roles,
            (SELECT count(*)::int FROM pg_namespace WHERE nspname LIKE 's\\_%') AS schemas`,
  );
  expect(count?.roles).toBeGreaterThanOrEqual(3);
  expect(count?.schemas).toBeGreaterThanOrEqual(3);
});

test("each tenant's catalogue equals that of a new tenant", async () => {
  const { query } = testDatabase().control;
  const template = await describeSchema(query, await newTenant());
  expect(template).toContain("schema pa_owner {pa_owner=UC/pa_owner,t_<tenant>=U/pa_owner}");
  expect(await describeSchema(query, attacker)).toEqual(template);
  expect(await describeSchema(query, victim)).toEqual(template);
});

test("everything in a tenant's schema belongs to pa_owner, and nothing there runs with its rights", async () => {
  const foreign = await testDatabase().control.query(
    `SELECT c.oid::regclass::text, c.relowner::regrole::text AS owner FROM pg_class c
      WHERE c.relnamespace = $1::regnamespace AND c.relowner <> 'pa_owner'::regrole
     UNION ALL
     SELECT p.oid::regprocedure::text, 'security definer' FROM pg_proc p
      WHERE p.pronamespace = $1::regnamespace AND p.prosecdef
     UNION ALL
     SELECT c.oid::regclass::text, 'view with its owner''s rights' FROM pg_class c
      WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'v'
        AND NOT coalesce(c.reloptions, '{}') && '{security_invoker=true,security_invoker=on}'`,
    [tenantSchema(victim)],
  );
  expect(foreign).toEqual([]);
});

test("the control plane's login reads no tenant's data", async () => {
  const { query } = testDatabase().control;
  await expect(query(`SELECT * FROM ${tenantSchema(victim)}.machine`)).rejects.toThrow(
    "permission denied for schema",
  );
  await expect(query(`SET ROLE ${tenantRole(victim)}`)).rejects.toThrow("permission denied");
  await expect(query("SET ROLE pa_owner")).rejects.toThrow("permission denied");
  await expect(query("DELETE FROM control.tenant")).rejects.toThrow("permission denied");
});

test("an injected statement gains nothing, run alone or stacked", async () => {
  const before = await describeState();
  const gains: string[] = [];
  for (const attack of listAttacks()) {
    for (const run of [runAlone, runStacked, runInTransaction]) {
      const seen = await run(attack);
      if (seen.includes(canary)) gains.push(`${run.name}: ${attack}`);
    }
  }
  expect(gains).toEqual([]);
  expect(await describeState()).toEqual(before);
  await asTenant(testDatabase(), attacker, async (db) => {
    expect(await db.query("SELECT name FROM machine ORDER BY 1")).toEqual([]);
  });
});

test("an attack that must succeed does: a tenant reads its own rows by the same means", async () => {
  const own = tenantSchema(victim);
  const seen = await runAs(victim, [
    `SELECT query_to_xml('SELECT * FROM ${own}.machine', true, true, '')`,
  ]);
  expect(seen).toContain(canary);
});

/** Every way to another's rows or to the machine that we know. Each is tried as the attacker's own login. */
function listAttacks(): string[] {
  const [role, schema] = [tenantRole(victim), tenantSchema(victim)];
  const read = `SELECT * FROM ${schema}.machine`;
  const roles = [role, "pa_owner", "pa_control", "pa_migrator", "postgres"];
  return [
    read,
    `TABLE ${schema}.machine`,
    ...roles.flatMap((name) => [
      `SELECT set_config('role', '${name}', false), query_to_xml('${read}', true, true, '')`,
      `WITH r AS MATERIALIZED (SELECT set_config('role', '${name}', true)) SELECT query_to_xml('${read}', true, true, '') FROM r`,
      `SET ROLE ${name}`,
      `SET SESSION AUTHORIZATION ${name}`,
      `SELECT set_config('session_authorization', '${name}', false)`,
      `DO $$ BEGIN SET ROLE ${name}; UPDATE ${schema}.machine SET name = 'gained'; END $$`,
      `GRANT ${name} TO CURRENT_USER`,
      `ALTER ROLE ${name} PASSWORD 'x'`,
    ]),
    `SELECT set_config('search_path', '${schema}', false), query_to_xml('SELECT * FROM machine', true, true, '')`,
    `SELECT query_to_xml('${read}', true, true, ''), table_to_xml('${schema}.machine', true, true, '')`,
    `SELECT schema_to_xml('${schema}', true, true, ''), database_to_xml(true, true, '')`,
    `SELECT ts_stat('SELECT to_tsvector(name) FROM ${schema}.machine')`,
    `SELECT cursor_to_xml('c', 10, true, true, '')`,
    `DO $$ DECLARE r record; BEGIN FOR r IN EXECUTE '${read}' LOOP RAISE NOTICE '%', r; END LOOP; END $$`,
    `DO $$ BEGIN EXECUTE 'CREATE FUNCTION f() RETURNS void LANGUAGE sql SECURITY DEFINER AS ''SELECT 1'''; END $$`,
    `UPDATE ${schema}.machine SET name = 'gained'`,
    `DELETE FROM ${schema}.machine`,
    `TRUNCATE ${schema}.machine`,
    `LOCK TABLE ${schema}.machine`,
    `INSERT INTO ${schema}.machine (machine_id, name) VALUES ('gained', 'gained')`,
    `COPY ${schema}.machine TO STDOUT`,
    `COPY (${read}) TO PROGRAM 'cat'`,
    "COPY (SELECT 1) TO PROGRAM 'touch /tmp/gained'",
    "COPY (SELECT 1) TO '/tmp/gained'",
    "COPY machine (name) FROM PROGRAM 'id'",
    "COPY machine (name) FROM '/etc/passwd'",
    "SELECT pg_read_file('/etc/passwd'), pg_read_binary_file('/etc/passwd'), pg_ls_dir('.'), pg_stat_file('/etc/passwd')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/gained')",
    "SELECT lo_get(oid) FROM pg_largeobject_metadata",
    "SELECT * FROM pg_largeobject",
    `SELECT * FROM dblink('dbname=perfanalysis', '${read}') AS t(name text)`,
    "CREATE EXTENSION dblink",
    "CREATE EXTENSION postgres_fdw",
    "CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw",
    "CREATE LANGUAGE plpython3u",
    "CREATE ROLE gained SUPERUSER",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE CURRENT_USER CONNECTION LIMIT -1",
    "ALTER SYSTEM SET log_statement = 'all'",
    "SELECT pg_reload_conf()",
    `CREATE TABLE ${schema}.gained ()`,
    "CREATE TABLE gained ()",
    "CREATE TABLE public.gained ()",
    "CREATE TEMPORARY TABLE machine ()",
    "CREATE SCHEMA gained",
    "CREATE VIEW gained AS SELECT 1",
    "CREATE FUNCTION gained() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TRIGGER gained AFTER INSERT ON machine EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE gained AS ON SELECT TO machine DO INSTEAD SELECT 1",
    "CREATE POLICY gained ON machine",
    "ALTER TABLE machine OWNER TO CURRENT_USER",
    "ALTER TABLE machine ADD gained text",
    "DROP TABLE machine",
    "DROP SCHEMA control CASCADE",
    "GRANT ALL ON machine TO PUBLIC",
    `GRANT USAGE ON SCHEMA ${tenantSchema(attacker)} TO PUBLIC`,
    "SELECT * FROM control.key",
    "SELECT * FROM control.tenant",
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "SELECT * FROM pg_statistic",
    "SELECT * FROM pg_stats",
    "SELECT query FROM pg_stat_activity",
    "SELECT pg_terminate_backend(pid), pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename <> current_user",
    "LISTEN gained",
    "NOTIFY gained",
    "PREPARE TRANSACTION 'gained'",
    "SELECT pg_create_logical_replication_slot('gained', 'test_decoding')",
    "SELECT * FROM pg_logical_slot_get_changes('gained', NULL, NULL)",
    "SET statement_timeout = 0",
    "LOAD 'auto_explain'",
    `PREPARE p AS ${read}`,
    `EXPLAIN (ANALYZE) ${read}`,
    `DECLARE c CURSOR WITH HOLD FOR ${read}`,
    `MERGE INTO ${schema}.machine m USING (SELECT 1) AS s ON true WHEN MATCHED THEN DELETE`,
  ];
}

/** As a feature that forgot a parameter would. */
function runAlone(attack: string): Promise<string> {
  return runAs(attacker, [attack, `SELECT * FROM ${tenantSchema(victim)}.machine`]);
}

/** As over the simple protocol, which nothing of ours speaks. */
function runStacked(attack: string): Promise<string> {
  return runAs(attacker, [
    `SELECT 1; ${attack}; SELECT * FROM ${tenantSchema(victim)}.machine; COMMIT`,
    `SELECT * FROM ${tenantSchema(victim)}.machine`,
  ]);
}

async function runInTransaction(attack: string): Promise<string> {
  try {
    return await asTenant(testDatabase(), attacker, async (db) =>
      JSON.stringify(await db.query(attack)),
    );
  } catch (error) {
    return String(error);
  }
}

/** Everything that the session sees: rows, notices and errors. A session of its own, as an attack may spoil it. */
async function runAs(tenant: TenantId, statements: string[]): Promise<string> {
  const client = await connectAsTenant(tenant);
  let seen = "";
  client.on("error", (error) => (seen += String(error)));
  client.on("notice", (notice) => (seen += notice.message));
  client.on("notification", (notification) => (seen += JSON.stringify(notification)));
  try {
    for (const statement of statements) {
      // COPY … TO STDOUT would wait for a reader that the plain query is not.
      const answer = await client.query(statement).catch((error: unknown) => String(error));
      seen += JSON.stringify(answer);
    }
  } finally {
    await client.end();
  }
  return seen;
}

/** What no attack may change: the victim's rows, both schemas, every role. */
async function describeState(): Promise<unknown> {
  const { query } = testDatabase().control;
  return {
    rows: await asTenant(testDatabase(), victim, (db) =>
      db.query("SELECT machine_id, name FROM machine ORDER BY 1"),
    ),
    victim: await describeSchema(query, victim),
    attacker: await describeSchema(query, attacker),
    schemas: await query(
      "SELECT nspname, nspacl::text FROM pg_namespace WHERE nspname !~ '^(s_|pg_)' ORDER BY 1",
    ),
    roles: await query(
      "SELECT rolname, rolsuper, rolcreaterole, rolcanlogin FROM pg_roles WHERE rolname !~ '^t_' ORDER BY 1",
    ),
    extensions: await query("SELECT extname FROM pg_extension ORDER BY 1"),
    objects: await query(
      "SELECT oid FROM pg_largeobject_metadata WHERE lomowner = $1::regrole ORDER BY 1",
      [tenantRole(attacker)],
    ),
  };
}
