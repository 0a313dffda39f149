#!/usr/bin/env node
// perf-portal: serves the portal and administers it from a shell.
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import { Command, CommanderError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import type { Terminal } from "./commands/command.ts";
import { addEnrolTokenCommands } from "./commands/enrol-token.ts";
import { addExportCommand } from "./commands/export.ts";
import { addKeyCommands } from "./commands/key.ts";
import { CommandError, exitCodeOf, exitCodes } from "./commands/options.ts";
import { addPortalCommands } from "./commands/portal.ts";
import { addTenantCommands } from "./commands/tenant.ts";
import { addUserCommands } from "./commands/user.ts";
import { settingsHelp } from "./config.ts";

const terminal: Terminal = {
  print,
  printJson: (value) => print(JSON.stringify(value, null, 2)),
  say,
  output: process.stdout,
  readInput: (file) => (file === "-" ? text(process.stdin) : readFile(file, "utf8")),
  confirm,
};

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
  perf-portal enrol-token create rack-7 --tenant acme --max-uses 40
  perf-portal export --tenant acme --machine-id web-01 --output web-01.csv
  perf-portal smoke-test http://127.0.0.1:8080 --key-file web-fleet.key

${settingsHelp}`,
  );

addPortalCommands(program, terminal);
addTenantCommands(program, terminal);
addUserCommands(program, terminal);
addKeyCommands(program, terminal);
addEnrolTokenCommands(program, terminal);
addExportCommand(program, terminal);

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

/** Asks on a terminal; elsewhere only --yes will do. */
async function confirm(
  what: string,
  answer: string,
  { yes = false }: { yes?: boolean },
): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY)
    throw new CommandError(exitCodes.usage, `Cannot ${what} without being asked: add --yes`);
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await dialogue.question(`This will ${what}. Type "${answer}" to go on: `);
    if (typed !== answer) throw new CommandError(exitCodes.usage, "Nothing was deleted.");
  } finally {
    dialogue.close();
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
