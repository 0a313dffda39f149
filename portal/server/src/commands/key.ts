import type { Scope } from "@perfanalysis/contract/api";
import type { Command } from "commander";
import type { Flags } from "../config.ts";
import { toKeyJson } from "../keys/json.ts";
import { createKey, listKeys, revokeKey } from "../keys/keys.ts";
import { command, withDatabase, type Terminal } from "./command.ts";
import { CommandError, collectScope, exitCodes, parseDays, stateOf } from "./options.ts";
import { writeSecret } from "./secret-file.ts";

export function addKeyCommands(program: Command, terminal: Terminal): void {
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
    .action((name: string, flags: NewKeyFlags) => createMachineKey(terminal, name, flags));

  command(keyCommand, "list", "perf-portal key list --tenant acme --json")
    .description("List a tenant's keys, newest first.")
    .requiredOption("--tenant <tenant>", "name or id of the tenant")
    .option("--json", "print JSON")
    .action(async (flags: Flags & { tenant: string; json?: boolean }) => {
      const keys = await withDatabase(terminal, flags, async ({ database, tenant }) =>
        listKeys(database, { tenantId: (await tenant(flags.tenant)).tenantId, limit: 10_000 }),
      );
      if (flags.json) return terminal.printJson({ keys: keys.map(toKeyJson) });
      for (const key of keys)
        terminal.print(
          `${key.keyId}  …${key.hint}  ${key.scopes.join(",")}  ${stateOf(key)}  ${key.name}`,
        );
    });

  command(keyCommand, "revoke KEY_ID", "perf-portal key revoke 0b0e… --tenant acme")
    .description("Revoke a key: it is refused at once.")
    .requiredOption("--tenant <tenant>", "name or id of the tenant")
    .action(async (keyId: string, flags: Flags & { tenant: string }) => {
      await withDatabase(terminal, flags, async ({ database, tenant }) => {
        const { tenantId } = await tenant(flags.tenant);
        const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(keyId);
        const key = isId ? await revokeKey(database, { tenantId, keyId }) : null;
        if (key === null)
          throw new CommandError(
            exitCodes.noInput,
            `Cannot revoke "${keyId}": the tenant has no key of that id`,
          );
        terminal.print(`Revoked key "${key.name}".`);
      });
    });
}

interface NewKeyFlags extends Flags {
  tenant: string;
  scope: Scope[];
  expiresIn?: number;
  output?: string;
  json?: boolean;
}

async function createMachineKey(
  terminal: Terminal,
  name: string,
  flags: NewKeyFlags,
): Promise<void> {
  const dayMs = 86_400_000;
  const expiresAt =
    flags.expiresIn === undefined ? null : new Date(Date.now() + flags.expiresIn * dayMs);
  const { output } = flags;
  const make = () =>
    withDatabase(terminal, flags, async ({ database, tenant }) =>
      createKey(database, {
        tenantId: (await tenant(flags.tenant)).tenantId,
        name,
        scopes: flags.scope,
        expiresAt,
      }),
    );
  const key = await (output === undefined ? make() : writeSecret(output, make));
  const shown = output === undefined ? { key: key.token } : {};
  if (flags.json) return terminal.printJson({ ...toKeyJson(key), ...shown });
  terminal.print(`Created key "${key.name}" (${key.scopes.join(", ")}), id ${key.keyId}.`);
  terminal.print(output === undefined ? `Key (shown once): ${key.token}` : `Written to ${output}.`);
}
