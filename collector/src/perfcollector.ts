#!/usr/bin/env node
// The packaged collector: its programs in one executable, which is the one that it is called by the name of, or else the one that its
// first argument names.
import { writeSync } from "node:fs";
import { basename } from "node:path";
import { exitCodes } from "./exit.ts";
import { readServiceAuthorities } from "./service-authorities.ts";
import { releaseUnusedPages } from "./unused-pages.ts";
import { readVersion } from "./version.ts";

interface Program {
  summary: string;
  load(): Promise<{ main(argv: readonly string[]): Promise<number> }>;
  /** It runs for ever, and lets go of what only its start needed. */
  isDaemon: boolean;
  /** Variables that its runtime reads when it starts: see startWith(). */
  runtime?: () => Readonly<Record<string, string>>;
}

/**
 * JavaScriptCore's compilers cost a program that does little each time more memory than they save CPU: 10 MB of pcc. In Node, pcc.ts has
 * flags of its own.
 */
const interpretedRuntime = {
  BUN_JSC_useBaselineJIT: "0",
  BUN_JSC_useDFGJIT: "0",
  // Garbage is collected as on a machine of 32 MiB, …
  BUN_JSC_forceRAMSize: String(32 * 1024 * 1024),
  BUN_OPTIONS: "--smol",
  // … but neither once a second nor beside the program: looking for it took as long as sampling. See releaseUnusedPages().
  BUN_GC_TIMER_DISABLE: "1",
  BUN_JSC_useConcurrentGC: "0",
  BUN_JSC_numberOfGCMarkers: "1",
};
/** Batches come in bursts, and what was sent is garbage: collected as on a machine of 64 MiB it stays 90 MB smaller in a storm. */
const tidyRuntime = {
  BUN_JSC_forceRAMSize: String(64 * 1024 * 1024),
  BUN_OPTIONS: "--smol",
};

const programs = new Map<string, Program>([
  [
    "pcc",
    {
      summary: "samples this machine",
      load: () => import("./pcc.ts"),
      isDaemon: true,
      runtime: () => interpretedRuntime,
    },
  ],
  [
    "pcctl",
    {
      summary: "administers collectors from a shell",
      load: () => import("./pcctl.ts"),
      isDaemon: false,
      runtime: () => readServiceAuthorities(),
    },
  ],
  [
    "pcd",
    {
      summary: "takes samples from many pcc; forwards or stores them",
      load: () => import("./pcd.ts"),
      isDaemon: true,
      runtime: () => tidyRuntime,
    },
  ],
  [
    "pcprocess",
    {
      summary: "converts captures to CSV, and to sysstat's columns",
      load: () => import("./pcprocess.ts"),
      isDaemon: false,
    },
  ],
]);

const help = `perfcollector – the programs of the collector in one file

Usage: perfcollector PROGRAM [arguments]

Programs:
${Array.from(programs, ([name, { summary }]) => `  ${name.padEnd(9)}  ${summary}`).join("\n")}

A link to this file that has a program's name is that program. Each tells more with --help.

Examples:
  perfcollector pcc 1 60 /tmp/pcc.json
  ln -s perfcollector pcc && ./pcc --help

  -h, --help, -V, --version

Exit codes: 64 usage; otherwise the program's own.
`;

/**
 * After loading, which needs the most; after the first sample was taken and sent; and when everything was used that is asked only now and
 * then, as file systems are every 10 s.
 */
const startS = [0.2, 2, 15];
/** A rotation or a reconnection uses pages that nothing else does. */
const releaseEveryS = 600;

process.exitCode = await main(process.argv0, process.argv.slice(2));

async function main(calledAs: string, argv: readonly string[]): Promise<number> {
  const [first = "", ...rest] = argv;
  const named = programs.get(basename(calledAs));
  const program = named ?? programs.get(first);
  if (program !== undefined) {
    if (program.runtime !== undefined) startWith(program.runtime());
    if (program.isDaemon) {
      for (const delayS of startS)
        setTimeout(() => void releaseUnusedPages(), delayS * 1000).unref();
      setInterval(() => void releaseUnusedPages(), releaseEveryS * 1000).unref();
    }
    const loaded = await program.load();
    return loaded.main(named === undefined ? rest : argv);
  }
  if (first === "--version" || first === "-V") {
    writeSync(1, `perfcollector ${readVersion()}\n`);
  } else if (first === "--help" || first === "-h") {
    writeSync(1, help);
  } else {
    const why = first === "" ? "no program is given" : `there is no program "${first}"`;
    writeSync(2, `perfcollector: Cannot run: ${why}. Try perfcollector --help.\n`);
    return exitCodes.usage;
  }
  return exitCodes.ok;
}

/** Only variables set these things, and only at the start: this process starts anew with them. */
function startWith(runtime: Readonly<Record<string, string>>): void {
  // eslint-disable-next-line node/no-process-env -- no settings: what the runtime itself reads when it starts
  const environment = process.env;
  const isReplaced = Object.keys(runtime).every((name) => name in environment);
  if (isReplaced || !("bun" in process.versions)) return;
  const argv = [process.argv0, ...process.argv.slice(2)];
  try {
    process.execve?.(process.execPath, argv, { ...runtime, ...environment });
  } catch {
    // Where no program may be started, it works as it is.
  }
}
