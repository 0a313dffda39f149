#!/usr/bin/env node
import { constants } from "node:os";
import { isatty } from "node:tty";
import { createStyle, writeAll, type Terminal } from "./administration/terminal.ts";
import { wantsColour } from "./config.ts";
import { ExitError, exitCodeOf, exitCodes } from "./exit.ts";
import { messageOf } from "./message-of.ts";
import { readVersion } from "./version.ts";

interface Command {
  help: string;
  /** Answers the exit code. */
  run(argv: readonly string[], terminal: Terminal): Promise<number>;
}

const commands = new Map<string, { summary: string; load(): Promise<Command> }>([
  [
    "status",
    {
      summary: "what pcc and pcd on this machine are doing",
      load: () => import("./administration/status.ts"),
    },
  ],
  [
    "tail",
    {
      summary: "shows what pcc samples, as it comes",
      load: () => import("./administration/tail.ts"),
    },
  ],
  [
    "doctor",
    {
      summary: "looks for what keeps this machine from being measured, and says what to do",
      load: () => import("./administration/doctor.ts"),
    },
  ],
  [
    "enroll",
    {
      summary: "registers this host with a portal, which gives it a key",
      load: () => import("./administration/enroll.ts"),
    },
  ],
  [
    "upload",
    {
      summary: "sends captures and CSV files to the portal, each row once",
      load: () => import("./administration/upload.ts"),
    },
  ],
  [
    "keys",
    {
      summary: "list, create, revoke: keys of a portal, or of the pcd on this machine",
      load: () => import("./administration/keys.ts"),
    },
  ],
  [
    "capture",
    {
      summary: "verify, repair, anonymise: looks at captures and mends them",
      load: () => import("./administration/capture.ts"),
    },
  ],
  [
    "config",
    {
      summary: "check, show: the settings, and where each comes from",
      load: () => import("./administration/config.ts"),
    },
  ],
]);

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

/** Runs pcctl to its end; answers the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const exitCode = 128 + constants.signals[signal];
    process.once(signal, () => stop.abort(new ExitError(exitCode, `ended by ${signal}`)));
  }
  const terminal = createTerminal(stop.signal);
  try {
    return await run(argv, terminal);
  } catch (error) {
    // Who reads the output has gone, as head does: that is an end, not an error.
    if (error instanceof Error && "code" in error && error.code === "EPIPE") return exitCodes.ok;
    const told = stop.signal.aborted ? stop.signal.reason : error;
    terminal.report(messageOf(told));
    return exitCodeOf(told);
  }
}

async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name = "", ...rest] = argv;
  if (name === "--version" || name === "-V") {
    terminal.print(`pcctl ${readVersion()}`);
    return exitCodes.ok;
  }
  if (name === "--help" || name === "-h" || (name === "help" && rest.length === 0)) {
    terminal.print(renderHelp());
    return exitCodes.ok;
  }
  const wanted = name === "help" ? (rest[0] ?? "") : name;
  const command = commands.get(wanted);
  if (command === undefined) {
    const why = wanted === "" ? "no command is given" : `there is no command "${wanted}"`;
    throw new ExitError(
      exitCodes.usage,
      `Cannot run: ${why}; known are ${[...commands.keys()].join(", ")}. Try pcctl --help.`,
    );
  }
  const loaded = await command.load();
  if (name === "help" || rest.includes("--help") || rest.includes("-h")) {
    terminal.print(loaded.help.trimEnd());
    return exitCodes.ok;
  }
  return await loaded.run(rest, terminal);
}

function createTerminal(signal: AbortSignal): Terminal {
  const isTerminal = isatty(1);
  const colours = wantsColour();
  return {
    print: (text) => writeAll(1, `${text}\n`),
    printJson: (value) => writeAll(1, `${JSON.stringify(value, null, 2)}\n`),
    report: (message) => writeAll(2, `pcctl: ${message}\n`),
    progress: isatty(2) ? (text) => writeAll(2, text) : null,
    isTerminal,
    // A serial console says 0.
    width: () => (isTerminal && process.stdout.columns > 0 ? process.stdout.columns : 80),
    style: createStyle(isTerminal && colours),
    signal,
  };
}

function renderHelp(): string {
  const list = [...commands].map(([name, { summary }]) => `  ${name.padEnd(9)} ${summary}`);
  return `pcctl – administers the collector from a shell

Usage: pcctl COMMAND [arguments]

Commands:
${list.join("\n")}

Examples:
  pcctl doctor
  pcctl status --json
  pcctl help config

"pcctl COMMAND --help" tells more, with examples. Commands that print facts take --json. Without a terminal, or with NO_COLOR set, there
are no colours.
  -h, --help, -V, --version

Exit codes: 64 usage, 65 bad data, 66 no input, 69 unavailable, 74 cannot write, 75 try again, 77 permission, 78 configuration.`;
}
