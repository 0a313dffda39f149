import { once } from "node:events";
import type { Command } from "commander";
import { readSettings, type Flags } from "../config.ts";
import { openAccess } from "../db/access.ts";
import { deleteLocalServer } from "../db/local-server.ts";
import { migrate } from "../db/migrate.ts";
import { runSmokeTest } from "../smoke-test.ts";
import { findFreePort } from "../free-port.ts";
import { command, withAccess, type Terminal } from "./command.ts";
import { CommandError, exitCodes } from "./options.ts";

/** The portal as a whole: serve, migrate, try and forget it. */
export function addPortalCommands(program: Command, terminal: Terminal): void {
  command(program, "serve")
    .description(
      "Serve pages and API until Ctrl-C. Starts and migrates a PostgreSQL of its own unless DATABASE_URL is set.",
    )
    .option("--host <address>", "address to listen on (default 127.0.0.1)")
    .option("--port <n>", "port to listen on, or the next free one (default 8080)")
    .option("--port-strict", "fail where the port is in use")
    .option("--public-url <url>", "origin under which browsers reach the portal")
    .option("--log-level <level>", "silent, fatal, error, warn, info, debug or trace")
    .action((flags: ServeFlags) => serve(terminal, flags));

  command(program, "migrate")
    .description("Bring roles, tables and every tenant's schema up to date.")
    .addHelpText("after", "\nNeeds MIGRATOR_DATABASE_URL where DATABASE_URL is set.\n")
    .action(async (flags: Flags) => {
      await withAccess(terminal, flags, async (opened) => {
        // Our own database is up to date already: whoever opens it migrates it.
        const { control, tenants } = await migrate(opened.provision(), terminal);
        terminal.print(control + tenants === 0 ? "Up to date." : `Migrated; tenants: ${tenants}.`);
      });
    });

  command(
    program,
    "smoke-test URL",
    "perf-portal smoke-test http://127.0.0.1:8080 --key-file admin.key",
  )
    .description("Try a running portal from outside: health, key, upload, reading back, deleting.")
    .requiredOption("--key-file <file>", "file with a key of the scopes ingest and admin")
    .option("--json", "print JSON")
    .action(async (url: string, flags: { keyFile: string; json?: boolean }) => {
      const key = (await terminal.readInput(flags.keyFile)).trim();
      const steps: { step: string; duration_ms: number }[] = [];
      for await (const { step, durationMs } of runSmokeTest({ url, key })) {
        steps.push({ step, duration_ms: durationMs });
        if (!flags.json) terminal.print(`ok  ${step} (${durationMs} ms)`);
      }
      if (flags.json) terminal.printJson({ status: "success", steps });
    });

  command(program, "reset", "perf-portal reset --yes")
    .description("Stop the portal's own PostgreSQL and delete all data of all tenants.")
    .option("--yes", "do not ask")
    .action(async (flags: Flags & { yes?: boolean }) => {
      const { external, stateDirectory } = readSettings(flags);
      if (external !== undefined)
        throw new CommandError(
          exitCodes.usage,
          "Cannot reset: DATABASE_URL names a database that is not the portal's own",
        );
      await terminal.confirm(`delete all data of the portal in ${stateDirectory}`, "delete", flags);
      await deleteLocalServer(stateDirectory);
      terminal.print("Deleted.");
    });
}

interface ServeFlags extends Flags {
  portStrict?: boolean;
}

async function serve(terminal: Terminal, flags: ServeFlags): Promise<void> {
  const settings = readSettings(flags);
  const { host, publicUrl, trustedProxies, logLevel } = settings;
  // Only this command needs it; it is read while PostgreSQL starts.
  const main = import("../main.ts");
  const stop = stopSignal();
  const strict = flags.portStrict === true;
  const { access, close } = await openAccess(settings, terminal);
  try {
    const { startPortal } = await main;
    const port = await findFreePort({ host, port: settings.port, strict });
    if (settings.port !== 0 && port !== settings.port)
      terminal.say(`Port ${settings.port} is in use: taking ${port}.`);
    const portal = await startPortal({ access, host, port, publicUrl, trustedProxies, logLevel });
    try {
      terminal.print(`Ready on ${portal.url}`);
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
