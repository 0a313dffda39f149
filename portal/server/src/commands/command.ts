// What the commands of perf-portal have in common: how they look, whom they speak to, how they get at the database.
import type { Command } from "commander";
import { readSettings, type Flags } from "../config.ts";
import { openAccess, type OpenedAccess } from "../db/access.ts";
import { openDatabase, type ControlQuery, type Database } from "../db/database.ts";
import { connectMigrator } from "../db/migrate.ts";
import { findTenant, type Provisioning, type Tenant } from "../tenants/tenants.ts";
import { CommandError, exitCodes } from "./options.ts";

/** Whom a command speaks to. Only cli.ts makes the real one. */
export interface Terminal {
  /** What was asked for. */
  print: (line: string) => void;
  printJson: (value: unknown) => void;
  /** For people, beside what was asked for. */
  say: (line: string) => void;
  /** What was asked for, where it is no lines. */
  output: NodeJS.WritableStream;
  /** A file's text; `-` is standard input. */
  readInput: (file: string) => Promise<string>;
  /** Asks; throws CommandError where nobody can be asked, or the answer is another. */
  confirm: (what: string, answer: string, options: { yes?: boolean }) => Promise<void>;
}

/** A subcommand that knows the state directory. */
export function command(parent: Command, nameAndArguments: string, example?: string): Command {
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

export async function withAccess<T>(
  terminal: Terminal,
  flags: Flags,
  work: (opened: OpenedAccess) => Promise<T>,
): Promise<T> {
  const opened = await openAccess(readSettings(flags), terminal);
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

export function withProvisioning<T>(
  terminal: Terminal,
  flags: Flags,
  work: (provisioning: Provisioning) => Promise<T>,
): Promise<T> {
  return withAccess(terminal, flags, async ({ provision }) => {
    const access = provision();
    const client = await connectMigrator(access);
    try {
      return await work({ client, secret: access.secret });
    } finally {
      await client.end();
    }
  });
}

export interface OpenedDatabase {
  database: Database;
  /** The tenant of a name or id. Throws CommandError where there is none. */
  tenant: (nameOrId: string) => Promise<Tenant>;
}

export function withDatabase<T>(
  terminal: Terminal,
  flags: Flags,
  work: (opened: OpenedDatabase) => Promise<T>,
): Promise<T> {
  return withAccess(terminal, flags, async ({ access }) => {
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

export async function tenantOf(query: ControlQuery, nameOrId: string): Promise<Tenant> {
  const tenant = await findTenant(query, nameOrId);
  if (tenant !== null) return tenant;
  throw new CommandError(
    exitCodes.noInput,
    `Cannot find tenant "${nameOrId}": see "perf-portal tenant list"`,
  );
}
