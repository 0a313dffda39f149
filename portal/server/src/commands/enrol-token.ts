import { InvalidArgumentError, type Command } from "commander";
import type { Flags } from "../config.ts";
import { createEnrolment, listEnrolments, revokeEnrolment } from "../enrolments/enrolments.ts";
import { toEnrolmentJson } from "../enrolments/json.ts";
import { command, withDatabase, type Terminal } from "./command.ts";
import { CommandError, exitCodes, stateOf } from "./options.ts";
import { writeSecret } from "./secret-file.ts";

export function addEnrolTokenCommands(program: Command, terminal: Terminal): void {
  const tokenCommand = program
    .command("enrol-token")
    .description("Tokens with which new hosts register themselves (pcctl enroll) within an hour.");

  command(
    tokenCommand,
    "create NAME",
    "perf-portal enrol-token create rack-7 --tenant acme --max-uses 40 --output rack-7.token",
  )
    .description("Create a token. It is printed once, or written to a file that only you can read.")
    .requiredOption("--tenant <tenant>", "name or id of the tenant")
    .option("--max-uses <n>", "how many hosts it lets in (default: 1)", parseUses, 1)
    .option("--output <file>", "write the token to FILE (mode 0600)")
    .option("--json", "print JSON")
    .action((name: string, flags: NewTokenFlags) => createToken(terminal, name, flags));

  command(tokenCommand, "list", "perf-portal enrol-token list --tenant acme --json")
    .description("List a tenant's enrolment tokens, newest first, past ones too.")
    .requiredOption("--tenant <tenant>", "name or id of the tenant")
    .option("--json", "print JSON")
    .action(async (flags: Flags & { tenant: string; json?: boolean }) => {
      const enrolments = await withDatabase(terminal, flags, async ({ database, tenant }) =>
        listEnrolments(database, {
          tenantId: (await tenant(flags.tenant)).tenantId,
          limit: 10_000,
        }),
      );
      if (flags.json) return terminal.printJson({ enrolments: enrolments.map(toEnrolmentJson) });
      for (const enrolment of enrolments) {
        const { enrolmentId, hint, uses, maxUses, name } = enrolment;
        const state = uses >= maxUses ? "used up" : stateOf(enrolment);
        terminal.print(`${enrolmentId}  …${hint}  ${uses}/${maxUses}  ${state}  ${name}`);
      }
    });

  command(tokenCommand, "revoke ENROLMENT_ID", "perf-portal enrol-token revoke 0b0e… --tenant acme")
    .description(
      "Revoke a token: it lets nobody in any more. Hosts that it let in keep their keys.",
    )
    .requiredOption("--tenant <tenant>", "name or id of the tenant")
    .action(async (enrolmentId: string, flags: Flags & { tenant: string }) => {
      await withDatabase(terminal, flags, async ({ database, tenant }) => {
        const { tenantId } = await tenant(flags.tenant);
        const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(enrolmentId);
        const revoked = isId ? await revokeEnrolment(database, { tenantId, enrolmentId }) : null;
        if (revoked === null)
          throw new CommandError(
            exitCodes.noInput,
            `Cannot revoke "${enrolmentId}": the tenant has no enrolment token of that id`,
          );
        terminal.print(`Revoked enrolment token "${revoked.name}".`);
      });
    });
}

interface NewTokenFlags extends Flags {
  tenant: string;
  maxUses: number;
  output?: string;
  json?: boolean;
}

async function createToken(
  terminal: Terminal,
  name: string,
  { output, json, maxUses, ...flags }: NewTokenFlags,
): Promise<void> {
  const make = () =>
    withDatabase(terminal, flags, async ({ database, tenant }) =>
      createEnrolment(database, {
        tenantId: (await tenant(flags.tenant)).tenantId,
        name,
        maxUses,
        createdBy: "perf-portal",
      }),
    );
  const made = await (output === undefined ? make() : writeSecret(output, make));
  const shown = output === undefined ? { token: made.token } : {};
  if (json) return terminal.printJson({ ...toEnrolmentJson(made), ...shown });
  const hosts = maxUses === 1 ? "one host" : `${maxUses} hosts`;
  terminal.print(`Created enrolment token "${made.name}" for ${hosts}, id ${made.enrolmentId}.`);
  terminal.print(`It works until ${made.expiresAt.toISOString()}.`);
  terminal.print(
    output === undefined ? `Token (shown once): ${made.token}` : `Written to ${output}.`,
  );
}

function parseUses(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 10_000) return Number(text);
  throw new InvalidArgumentError("It must be a number from 1 to 10000.");
}
