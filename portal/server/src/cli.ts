#!/usr/bin/env node
// perf-portal: serves the portal and administers it from a shell.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import type { Scope } from "@perfanalysis/contract/api";
import { Command, CommanderError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import {
  CommandError,
  collectScope,
  exitCodeOf,
  exitCodes,
  keyJson,
  parseDays,
  parseMoment,
  parseRole,
  stateOf,
  tenantJson,
} from "./command-line.ts";
import { readSettings, settingsHelp, type Flags } from "./config.ts";
import { openAccess, type OpenedAccess } from "./db/access.ts";
import { openDatabase, type ControlQuery, type Database } from "./db/database.ts";
import { asTenant } from "./db/tenant-db.ts";
import { connectMigrator, migrate } from "./db/migrate.ts";
import type { Role } from "./people/people.ts";
import {
  createTenant,
  deleteTenant,
  findTenant,
  listTenants,
  provisioningQuery,
  resumeTenant,
  suspendTenant,
  type Provisioning,
  type Tenant,
} from "./tenants/tenants.ts";

const program = new Command("perf-portal")
  .description("The PerfAnalysis portal: serves it and administers tenants, people and keys.")
  .version(packageJson.version)
  .exitOverride()
  .addHelpText(
    "after",
    `
Examples:
  perf-portal serve --port 8080
  perf-portal tenant create acme
  perf-portal user create ann@acme.example --tenant acme --name "Ann"
  perf-portal key create web-fleet --tenant acme --scope ingest --output web-fleet.key
  perf-portal export --tenant acme --machine-id web-01 --output web-01.csv
  perf-portal smoke-test http://127.0.0.1:8080 --key-file web-fleet.key

${settingsHelp}`,
  );

command(program, "serve")
  .description(
    "Serve pages and API until Ctrl-C. Starts and migrates a PostgreSQL of its own unless DATABASE_URL is set.",
  )
  .option("--host <address>", "address to listen on (default 127.0.0.1)")
  .option("--port <n>", "port to listen on, or the next free one (default 8080)")
  .option("--port-strict", "fail where the port is in use")
  .option("--public-url <url>", "origin under which browsers reach the portal")
  .option("--log-level <level>", "silent, fatal, error, warn, info, debug or trace")
  .action(serve);

command(program, "migrate")
  .description("Bring roles, tables and every tenant's schema up to date.")
  .addHelpText("after", "\nNeeds MIGRATOR_DATABASE_URL where DATABASE_URL is set.\n")
  .action(async (flags: Flags) => {
    await withAccess(flags, async (opened) => {
      // Our own database is up to date already: whoever opens it migrates it.
      const { control, tenants } = await migrate(opened.provision(), { say });
      print(control + tenants === 0 ? "Up to date." : `Migrated; tenants: ${tenants}.`);
    });
  });

const tenantCommand = program
  .command("tenant")
  .description("Create, list, suspend, resume and delete tenants.");

command(tenantCommand, "create NAME", "perf-portal tenant create acme")
  .description("Create a tenant with a role and a schema of its own.")
  .option("--json", "print JSON")
  .action(async (name: string, flags: Flags & { json?: boolean }) => {
    const tenant = await withProvisioning(flags, (provisioning) =>
      createTenant(provisioning, { name }),
    );
    if (flags.json) printJson(tenantJson(tenant));
    else print(`Created tenant "${tenant.name}" (${tenant.tenantId}).`);
  });

command(tenantCommand, "list", "perf-portal tenant list --json")
  .description("List the tenants.")
  .option("--json", "print JSON")
  .action(async (flags: Flags & { json?: boolean }) => {
    const tenants = await withDatabase(flags, ({ database }) =>
      listTenants(database.control.query),
    );
    if (flags.json) return printJson({ tenants: tenants.map(tenantJson) });
    for (const { tenantId, name, suspendedAt } of tenants)
      print(`${tenantId}  ${name}${suspendedAt === null ? "" : "  (suspended)"}`);
  });

for (const [verb, change, done] of [
  ["suspend", suspendTenant, "Suspended"],
  ["resume", resumeTenant, "Resumed"],
] as const)
  command(tenantCommand, `${verb} TENANT`, `perf-portal tenant ${verb} acme`)
    .description(
      verb === "suspend" ? "Refuse its keys and people; keep its data." : "Let it in again.",
    )
    .action(async (nameOrId: string, flags: Flags) => {
      await withProvisioning(flags, async (provisioning) => {
        const tenant = await tenantOf(provisioningQuery(provisioning.client), nameOrId);
        await change(provisioning.client, tenant.tenantId);
        print(`${done} tenant "${tenant.name}".`);
      });
    });

command(tenantCommand, "delete TENANT", "perf-portal tenant delete acme --yes")
  .description("Delete a tenant: its data, role, keys and people. There is no way back.")
  .option("--yes", "do not ask")
  .action(async (nameOrId: string, flags: Flags & { yes?: boolean }) => {
    await withProvisioning(flags, async (provisioning) => {
      const tenant = await tenantOf(provisioningQuery(provisioning.client), nameOrId);
      await confirm(`delete tenant "${tenant.name}" with all of its data`, tenant.name, flags);
      await deleteTenant(provisioning.client, tenant.tenantId);
      print(`Deleted tenant "${tenant.name}".`);
    });
  });

const userCommand = program.command("user").description("People who sign in.");

command(
  userCommand,
  "create EMAIL",
  "perf-portal user create ann@acme.example --tenant acme --name Ann",
)
  .description("Create a person. Without --password-file a password is made and printed once.")
  .requiredOption("--tenant <tenant>", "name or id of the tenant")
  .option("--name <name>", "what the pages call the person (default: the address)")
  .option("--role <role>", "owner, admin or member", parseRole, "owner" as const)
  .option("--password-file <file>", "read the password from FILE, - is standard input")
  .option("--json", "print JSON")
  .action(createPerson);

command(userCommand, "password EMAIL", "perf-portal user password ann@acme.example")
  .description("Set a new password and end the person's sessions.")
  .option("--password-file <file>", "read the password from FILE, - is standard input")
  .option("--json", "print JSON")
  .action(async (email: string, flags: Flags & { passwordFile?: string; json?: boolean }) => {
    const { setPassword } = await import("./people/people.ts");
    const password = await readOrMakePassword(flags.passwordFile);
    await withDatabase(flags, ({ database }) =>
      setPassword(database, { email, password: password.text }),
    );
    const shown = password.isNew ? { password: password.text } : {};
    if (flags.json) printJson({ email, ...shown });
    else
      print(
        password.isNew
          ? `New password of ${email}: ${password.text}`
          : `Set the password of ${email}.`,
      );
  });

const keyCommand = program.command("key").description("Keys of machines and programs.");

command(
  keyCommand,
  "create NAME",
  "perf-portal key create web-fleet --tenant acme --scope ingest --output web-fleet.key",
)
  .description("Create a key. It is printed once, or written to a file that only you can read.")
  .requiredOption("--tenant <tenant>", "name or id of the tenant")
  .requiredOption(
    "--scope <scope>",
    "ingest, read or admin; may be given several times",
    collectScope,
  )
  .option("--expires-in <days>", "days for which it works (default: for ever)", parseDays)
  .option("--output <file>", "write the key to FILE (mode 0600)")
  .option("--json", "print JSON")
  .action(createMachineKey);

command(keyCommand, "list", "perf-portal key list --tenant acme --json")
  .description("List a tenant's keys, newest first.")
  .requiredOption("--tenant <tenant>", "name or id of the tenant")
  .option("--json", "print JSON")
  .action(async (flags: Flags & { tenant: string; json?: boolean }) => {
    const { listKeys } = await import("./keys/keys.ts");
    const keys = await withDatabase(flags, async ({ database, tenant }) =>
      listKeys(database, { tenantId: (await tenant(flags.tenant)).tenantId, limit: 10_000 }),
    );
    if (flags.json) return printJson({ keys: keys.map(keyJson) });
    for (const key of keys)
      print(`${key.keyId}  …${key.hint}  ${key.scopes.join(",")}  ${stateOf(key)}  ${key.name}`);
  });

command(keyCommand, "revoke KEY_ID", "perf-portal key revoke 0b0e… --tenant acme")
  .description("Revoke a key: it is refused at once.")
  .requiredOption("--tenant <tenant>", "name or id of the tenant")
  .action(async (keyId: string, flags: Flags & { tenant: string }) => {
    const { revokeKey } = await import("./keys/keys.ts");
    await withDatabase(flags, async ({ database, tenant }) => {
      const { tenantId } = await tenant(flags.tenant);
      const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(keyId);
      const key = isId ? await revokeKey(database, { tenantId, keyId }) : null;
      if (key === null)
        throw new CommandError(
          exitCodes.noInput,
          `Cannot revoke "${keyId}": the tenant has no key of that id`,
        );
      print(`Revoked key "${key.name}".`);
    });
  });

command(
  program,
  "export",
  "perf-portal export --tenant acme --machine-id web-01 --output web-01.csv",
)
  .description("Write a machine's samples as CSV, which an upload takes back.")
  .requiredOption("--tenant <tenant>", "name or id of the tenant")
  .requiredOption("--machine-id <id>", "the machine")
  .option("--start-date <time>", "first moment: RFC 3339, a date or Unix seconds", parseMoment)
  .option("--end-date <time>", "moment behind the last", parseMoment)
  .option("--output <file>", "file to write, - is standard output", "-")
  .action(exportMachine);

command(
  program,
  "smoke-test URL",
  "perf-portal smoke-test http://127.0.0.1:8080 --key-file admin.key",
)
  .description("Try a running portal from outside: health, key, upload, reading back, deleting.")
  .requiredOption("--key-file <file>", "file with a key of the scopes ingest and admin")
  .option("--json", "print JSON")
  .action(async (url: string, flags: { keyFile: string; json?: boolean }) => {
    const { runSmokeTest } = await import("./smoke-test.ts");
    const key = (await readInput(flags.keyFile)).trim();
    const steps: { step: string; duration_ms: number }[] = [];
    for await (const { step, durationMs } of runSmokeTest({ url, key })) {
      steps.push({ step, duration_ms: durationMs });
      if (!flags.json) print(`ok  ${step} (${durationMs} ms)`);
    }
    if (flags.json) printJson({ status: "success", steps });
  });

command(program, "reset", "perf-portal reset --yes")
  .description("Stop the portal's own PostgreSQL and delete all data of all tenants.")
  .option("--yes", "do not ask")
  .action(async (flags: Flags & { yes?: boolean }) => {
    const { deleteLocalServer } = await import("./db/local-server.ts");
    const { external, stateDirectory } = readSettings(flags);
    if (external !== undefined)
      throw new CommandError(
        exitCodes.usage,
        "Cannot reset: DATABASE_URL names a database that is not the portal's own",
      );
    await confirm(`delete all data of the portal in ${stateDirectory}`, "delete", flags);
    await deleteLocalServer(stateDirectory);
    print("Deleted.");
  });

await main();

async function main(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    const exitCode = exitCodeOf(error);
    // commander has printed its own already.
    if (!(error instanceof CommanderError))
      say(`perf-portal: ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof Error && error.cause instanceof Error && exitCode === exitCodes.software)
      say(`  Cause: ${error.cause.message}`);
    process.exitCode = exitCode;
  }
}

async function serve(flags: Flags & { portStrict?: boolean }): Promise<void> {
  const settings = readSettings(flags);
  const { host, publicUrl, trustedProxies, logLevel } = settings;
  const [{ startPortal }, { findFreePort }] = await Promise.all([
    import("./main.ts"),
    import("./free-port.ts"),
  ]);
  const stop = stopSignal();
  const strict = flags.portStrict === true;
  const { access, close } = await openAccess(settings, { say });
  try {
    const port = await findFreePort({ host, port: settings.port, strict });
    if (settings.port !== 0 && port !== settings.port)
      say(`Port ${settings.port} is in use: taking ${port}.`);
    const portal = await startPortal({ access, host, port, publicUrl, trustedProxies, logLevel });
    try {
      print(`Ready on ${portal.url}`);
      await stop;
    } finally {
      await portal.close();
    }
  } finally {
    await close();
  }
}

/** Resolves at the first request to end; a second one ends the process where it is. */
function stopSignal(): Promise<unknown> {
  return Promise.race(
    (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => once(process, signal)),
  );
}

async function createPerson(
  email: string,
  flags: Flags & {
    tenant: string;
    name?: string;
    role: Role;
    passwordFile?: string;
    json?: boolean;
  },
): Promise<void> {
  const { createUser } = await import("./people/people.ts");
  const password = await readOrMakePassword(flags.passwordFile);
  const { tenant, personId } = await withDatabase(flags, async (opened) => {
    const found = await opened.tenant(flags.tenant);
    const created = await createUser(opened.database, {
      email,
      name: flags.name ?? email,
      password: password.text,
      tenantId: found.tenantId,
      role: flags.role,
    });
    return { tenant: found, ...created };
  });
  const shown = password.isNew ? { password: password.text } : {};
  if (flags.json)
    return printJson({
      user_id: personId,
      email,
      tenant_id: tenant.tenantId,
      role: flags.role,
      ...shown,
    });
  print(`Created ${email} as ${flags.role} of tenant "${tenant.name}".`);
  if (password.isNew) print(`Password (shown once): ${password.text}`);
}

async function createMachineKey(
  name: string,
  flags: Flags & {
    tenant: string;
    scope: Scope[];
    expiresIn?: number;
    output?: string;
    json?: boolean;
  },
): Promise<void> {
  const { createKey } = await import("./keys/keys.ts");
  const dayMs = 86_400_000;
  const expiresAt =
    flags.expiresIn === undefined ? null : new Date(Date.now() + flags.expiresIn * dayMs);
  const key = await withDatabase(flags, async ({ database, tenant }) =>
    createKey(database, {
      tenantId: (await tenant(flags.tenant)).tenantId,
      name,
      scopes: flags.scope,
      expiresAt,
    }),
  );
  if (flags.output !== undefined) {
    await rm(flags.output, { force: true });
    await writeFile(flags.output, `${key.token}\n`, { mode: 0o600, flag: "wx" });
  }
  const shown = flags.output === undefined ? { key: key.token } : {};
  if (flags.json) return printJson({ ...keyJson(key), ...shown });
  print(`Created key "${key.name}" (${key.scopes.join(", ")}), id ${key.keyId}.`);
  print(
    flags.output === undefined ? `Key (shown once): ${key.token}` : `Written to ${flags.output}.`,
  );
}

async function exportMachine(
  flags: Flags & {
    tenant: string;
    machineId: string;
    startDate?: number;
    endDate?: number;
    output: string;
  },
): Promise<void> {
  if (
    flags.startDate !== undefined &&
    flags.endDate !== undefined &&
    flags.startDate >= flags.endDate
  )
    throw new CommandError(
      exitCodes.usage,
      "Cannot export: --start-date must be before --end-date",
    );
  const { exportCsv } = await import("./exports/export.ts");
  const { beginSnapshot } = await import("./samples/read.ts");
  const { getMachine } = await import("./machines/machines.ts");
  const { machineId, startDate: fromS, endDate: toS, output } = flags;
  const range = {
    ...(fromS === undefined ? {} : { fromS }),
    ...(toS === undefined ? {} : { toS }),
  };
  await withDatabase(flags, async ({ database, tenant }) => {
    const { tenantId, name } = await tenant(flags.tenant);
    await asTenant(database, tenantId, async (db) => {
      await beginSnapshot(db);
      const machine = await getMachine(db, { machineId });
      if (machine === null)
        throw new CommandError(
          exitCodes.noInput,
          `Cannot find machine "${machineId}" of tenant "${name}"`,
        );
      if (output === "-") return exportCsv(db, machine, range, process.stdout, { end: false });
      // Whole or not at all: whoever waits for the file never sees half of it.
      const unfinished = `${output}.part`;
      try {
        await exportCsv(db, machine, range, createWriteStream(unfinished));
        await rename(unfinished, output);
      } finally {
        await rm(unfinished, { force: true });
      }
    });
  });
}

/** A subcommand that knows the state directory. */
function command(parent: Command, nameAndArguments: string, example?: string): Command {
  const made = parent
    .command(
      nameAndArguments.replaceAll(
        / ([A-Z_]+)/g,
        (_, name: string) => ` <${name.toLowerCase().replaceAll("_", "-")}>`,
      ),
    )
    .option(
      "--state-dir <dir>",
      "where the portal's own PostgreSQL lives (default ~/.local/state/perfanalysis)",
    );
  return example === undefined ? made : made.addHelpText("after", `\nExample:\n  ${example}\n`);
}

async function withAccess<T>(flags: Flags, work: (opened: OpenedAccess) => Promise<T>): Promise<T> {
  const opened = await openAccess(readSettings(flags), { say });
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

function withProvisioning<T>(
  flags: Flags,
  work: (provisioning: Provisioning) => Promise<T>,
): Promise<T> {
  return withAccess(flags, async ({ provision }) => {
    const access = provision();
    const client = await connectMigrator(access);
    try {
      return await work({ client, secret: access.secret });
    } finally {
      await client.end();
    }
  });
}

interface OpenedDatabase {
  database: Database;
  /** The tenant of a name or id. Throws CommandError where there is none. */
  tenant: (nameOrId: string) => Promise<Tenant>;
}

function withDatabase<T>(flags: Flags, work: (opened: OpenedDatabase) => Promise<T>): Promise<T> {
  return withAccess(flags, async ({ access }) => {
    const database = openDatabase(access);
    try {
      return await work({
        database,
        tenant: (nameOrId) => tenantOf(database.control.query, nameOrId),
      });
    } finally {
      await database.close();
    }
  });
}

async function tenantOf(query: ControlQuery, nameOrId: string): Promise<Tenant> {
  const tenant = await findTenant(query, nameOrId);
  if (tenant !== null) return tenant;
  throw new CommandError(
    exitCodes.noInput,
    `Cannot find tenant "${nameOrId}": see "perf-portal tenant list"`,
  );
}

/** Asks on a terminal; elsewhere only --yes will do. */
async function confirm(
  what: string,
  answer: string,
  { yes = false }: { yes?: boolean },
): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY)
    throw new CommandError(exitCodes.usage, `Cannot ${what} without being asked: add --yes`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await terminal.question(`This will ${what}. Type "${answer}" to go on: `);
    if (typed !== answer) throw new CommandError(exitCodes.usage, "Nothing was deleted.");
  } finally {
    terminal.close();
  }
}

/** Never from the command line, which every user of the machine can read. */
async function readOrMakePassword(
  file: string | undefined,
): Promise<{ text: string; isNew: boolean }> {
  if (file === undefined) return { text: randomBytes(15).toString("base64url"), isNew: true };
  return { text: (await readInput(file)).replace(/\r?\n$/, ""), isNew: false };
}

function readInput(file: string): Promise<string> {
  return file === "-" ? text(process.stdin) : readFile(file, "utf8");
}

function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** For people, beside what the command prints. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
