import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import type { Flags } from "../config.ts";
import { createUser, setPassword, type Role } from "../people/people.ts";
import { command, withDatabase, type Terminal } from "./command.ts";
import { parseRole } from "./options.ts";

export function addUserCommands(program: Command, terminal: Terminal): void {
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
    .action((email: string, flags: NewPersonFlags) => createPerson(terminal, email, flags));

  command(userCommand, "password EMAIL", "perf-portal user password ann@acme.example")
    .description("Set a new password and end the person's sessions.")
    .option("--password-file <file>", "read the password from FILE, - is standard input")
    .option("--json", "print JSON")
    .action(async (email: string, flags: Flags & { passwordFile?: string; json?: boolean }) => {
      const password = await readOrMakePassword(terminal, flags.passwordFile);
      await withDatabase(terminal, flags, ({ database }) =>
        setPassword(database, { email, password: password.text }),
      );
      const shown = password.isNew ? { password: password.text } : {};
      if (flags.json) terminal.printJson({ email, ...shown });
      else
        terminal.print(
          password.isNew
            ? `New password of ${email}: ${password.text}`
            : `Set the password of ${email}.`,
        );
    });
}

interface NewPersonFlags extends Flags {
  tenant: string;
  name?: string;
  role: Role;
  passwordFile?: string;
  json?: boolean;
}

async function createPerson(
  terminal: Terminal,
  email: string,
  flags: NewPersonFlags,
): Promise<void> {
  const password = await readOrMakePassword(terminal, flags.passwordFile);
  const { tenant, personId } = await withDatabase(terminal, flags, async (opened) => {
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
    return terminal.printJson({
      user_id: personId,
      email,
      tenant_id: tenant.tenantId,
      role: flags.role,
      ...shown,
    });
  terminal.print(`Created ${email} as ${flags.role} of tenant "${tenant.name}".`);
  if (password.isNew) terminal.print(`Password (shown once): ${password.text}`);
}

/** Never from the command line, which every user of the machine can read. */
async function readOrMakePassword(
  terminal: Terminal,
  file: string | undefined,
): Promise<{ text: string; isNew: boolean }> {
  if (file === undefined) return { text: randomBytes(15).toString("base64url"), isNew: true };
  return { text: (await terminal.readInput(file)).replace(/\r?\n$/, ""), isNew: false };
}
