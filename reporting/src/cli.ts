#!/usr/bin/env node
// perf-report: a CSV in, a report out. Exit codes are those of sysexits.h.
import { Command, CommanderError } from "commander";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ConfigError, readSettings, type Settings } from "./config.ts";
import { DataError } from "./data/input.ts";
import { parseHostFacts } from "./data/host-facts.ts";
import type { MachineFacts } from "./data/machine-facts.ts";
import { openInput, NoSourceError, type Opened } from "./data/open-input.ts";
import {
  PortalPermissionError,
  PortalRequestError,
  PortalUnavailableError,
} from "./data/read-portal.ts";
import { toFacts } from "./facts.ts";
import { NoInputError, writeAtomically } from "./files.ts";
import type { ReportDocument } from "./document/model.ts";
import { renderHtml } from "./html/render.ts";
import { NoCompilerError, renderPdf } from "./pdf/render.ts";
import { createProgress, type Progress } from "./progress.ts";
import { makeReport, SettingsError } from "./report.ts";

const exitCodes = {
  usage: 64,
  badData: 65,
  noInput: 66,
  unavailable: 69,
  internal: 70,
  cannotCreate: 73,
  permission: 77,
  config: 78,
} as const;

interface Flags {
  dataFile?: string[];
  dataDir?: string;
  portal?: string;
  keyFile?: string;
  from?: string;
  to?: string;
  output?: string[];
  config?: string;
  machine?: string;
  machineName?: string;
  storageDevice?: string;
  networkInterface?: string;
  timeZone?: string;
  title: string;
  json?: true;
  machineFacts?: string;
  progressFd?: string;
}

const examples = `
Examples:
  perf-report --data-file web-01.csv --output web-01.html
  perf-report --data-file web-01.csv --output web-01.html --output web-01.pdf
  perf-report --data-file fleet.csv.gz --machine web-01 --output web-01.html
  perf-report --data-file capture.json.gz --output web-01.html
  perf-report --data-file /var/lib/perfcollector --output this-machine.html
  pcprocess --input capture.json --output - | perf-report --data-file - --output - > report.html
  perf-report --portal https://portal.example --key-file read.key --machine web-01 --from 2026-03-01 --output web-01.html
  perf-report --data-file web-01.csv --json
  perf-report --config config.yaml --output report.html

Settings: flag, then environment (PERF_REPORT_MACHINE, PERF_REPORT_MACHINE_NAME, PERF_REPORT_STORAGE_DEVICE,
PERF_REPORT_NETWORK_INTERFACE, PERF_REPORT_DATA_DIRECTORY, PERF_REPORT_OUTPUT_DIRECTORY, PERF_REPORT_TIME_ZONE), then
the file of --config, then the default. SOURCE_DATE_EPOCH fixes the date of the report: the same input then gives the same bytes.

Exit codes: 0 made, 64 usage, 65 bad data, 66 no input, 69 the portal does not answer, or no PDF
on this platform, 70 a fault of this program,
73 output cannot be written, 77 the portal's key may not read, 78 settings.`;

async function run(flags: Flags): Promise<void> {
  if (flags.json && flags.output?.includes("-")) {
    throw new UsageError(
      "Cannot write both the report and --json to standard output: name a file with --output",
    );
  }
  const settings = await readSettings({
    flags: toSettingFlags(flags),
    configFile: flags.config ?? null,
  });
  const progress = createProgress(parseDescriptor(flags.progressFd));
  const facts = await readFacts(flags.machineFacts);
  progress.begin("reading");
  const { input, sourceName, machineName } = await readInput(flags, settings, progress);
  progress.begin("judging");
  const report = makeReport(
    { ...input, ...(facts === null ? {} : { facts }) },
    {
      ...settings,
      title: flags.title,
      machineName: settings.machineName ?? machineName,
      sourceName,
      generator: `perf-report ${version()}`,
    },
  );
  progress.begin("writing");
  const outputs = flags.output ?? (flags.json ? [] : ["report.html"]);
  // All are made before the first is written: nothing is left of a report that cannot be made whole.
  const pages: [path: string, content: string | Uint8Array][] = [];
  for (const output of outputs) {
    const path = output === "-" ? output : resolve(settings.outputDirectory ?? "", output);
    pages.push([path, await render(report.document, output)]);
  }
  for (const [path, content] of pages) await writeReport(path, content);
  if (flags.json) await print(`${JSON.stringify(toFacts(report), null, 2)}\n`);
}

/** PDF where the output's name ends so, HTML else. */
async function render(document: ReportDocument, output: string): Promise<string | Uint8Array> {
  return /\.pdf$/i.test(output) ? await renderPdf(document) : renderHtml(document, digest);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

class UsageError extends Error {}
class OutputError extends Error {}

function toSettingFlags(flags: Flags): Parameters<typeof readSettings>[0]["flags"] {
  return {
    machineId: flags.machine,
    machineName: flags.machineName,
    storageDevice: flags.storageDevice,
    networkInterface: flags.networkInterface,
    dataDirectory: flags.dataDir,
    portal: flags.portal,
    keyFile: flags.keyFile,
    timeZone: flags.timeZone,
  };
}

/** Null for none given. */
async function readFacts(path: string | undefined): Promise<MachineFacts | null> {
  if (path === undefined) return null;
  try {
    return parseHostFacts(await readFile(path, "utf8"));
  } catch (error) {
    throw new ConfigError(`Cannot use ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function parseDescriptor(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot tell progress to "${text}": it is no file descriptor`);
}

async function readInput(flags: Flags, settings: Settings, progress: Progress): Promise<Opened> {
  try {
    // A flag beats the environment, also where that holds the key itself.
    const key = flags.keyFile === undefined ? settings.key : undefined;
    return await openInput({ ...settings, ...flags, key }, (bytes) => progress.show(bytes));
  } finally {
    progress.end();
  }
}

async function writeReport(path: string, content: string | Uint8Array): Promise<void> {
  if (path === "-") {
    await print(content);
    return;
  }
  await writeAtomically(path, content).catch((error: unknown) => {
    throw new OutputError(`Cannot write ${path}: ${messageOf(error)}`, { cause: error });
  });
  if (process.stderr.isTTY) process.stderr.write(`Wrote ${path}\n`);
}

/** Resolves when the reader of a pipe has taken it all, or has gone away: then it has had enough. */
async function print(content: string | Uint8Array): Promise<void> {
  await new Promise<void>((done, fail) => {
    const end = (error?: (Error & { code?: string }) | null): void => {
      if (!error || error.code === "EPIPE") done();
      else
        fail(new OutputError(`Cannot write standard output: ${error.message}`, { cause: error }));
    };
    process.stdout.once("error", end);
    process.stdout.write(content, end);
  });
}

function version(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "of unknown version";
}

function createCommand(): Command {
  return new Command("perf-report")
    .description(
      "Makes a report of one machine's performance data: findings, charts, percentiles, in one HTML or PDF file.",
    )
    .option(
      "--data-file <file>",
      "CSV of the CSV standard, a capture, or a folder of captures, gzipped or not; - for standard input; once for each capture of the machine",
      (file: string, before: string[] | undefined) => [...(before ?? []), file],
    )
    .option("--data-dir <folder>", "folder with <machine>.csv, with a single CSV, or with captures")
    .option("--portal <url>", "portal to take the samples of --machine from")
    .option("--key-file <file>", "file with a key of the portal that may read")
    .option("--from <time>", "with --portal: first time, RFC 3339, a date, or Unix seconds")
    .option("--to <time>", "with --portal: end, exclusive")
    .option(
      "--output <file>",
      "file to write: PDF if its name ends in .pdf, else HTML; - for HTML to standard output; once for each file (default: report.html)",
      (file: string, before: string[] | undefined) => [...(before ?? []), file],
    )
    .option("--config <file>", "YAML file with settings")
    .option("--machine <id>", "machine to report on, where the data has several")
    .option("--machine-name <name>", "what to call the machine in the report (default: its id)")
    .option("--storage-device <name>", "disk to show first (default: the busiest)")
    .option(
      "--network-interface <name>",
      "interface to show first (default: the one with the most traffic)",
    )
    .option(
      "--time-zone <name>",
      "the reader's, such as Europe/Berlin: hours are told in it, too (default: UTC)",
    )
    .option("--title <text>", "title of the report", "Performance report")
    .option(
      "--machine-facts <file>",
      "what the machine is, in JSON like the portal's `host` of a machine",
    )
    .option(
      "--progress-fd <number>",
      "file descriptor for a line of JSON at the begin of each stage",
    )
    .option("--json", "print the conclusions as JSON; writes a report only if --output is given")
    .version(version())
    .allowExcessArguments(false)
    .addHelpText("after", examples)
    .exitOverride();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof NoSourceError) return exitCodes.usage;
  if (error instanceof PortalRequestError) return exitCodes.usage;
  if (error instanceof PortalUnavailableError) return exitCodes.unavailable;
  if (error instanceof PortalPermissionError) return exitCodes.permission;
  if (error instanceof DataError) return exitCodes.badData;
  if (error instanceof NoInputError) return exitCodes.noInput;
  if (error instanceof NoCompilerError) return exitCodes.unavailable;
  if (error instanceof OutputError) return exitCodes.cannotCreate;
  if (error instanceof ConfigError || error instanceof SettingsError) return exitCodes.config;
  // Only files to read are left: a failed write is an OutputError.
  if (isSystemError(error)) return exitCodes.noInput;
  return exitCodes.internal;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

function explain(error: unknown): string {
  const lines = [`perf-report: ${messageOf(error)}`];
  if (error instanceof DataError) {
    for (const { line, column, value, message } of error.faults) {
      const place = [
        line === undefined ? [] : `line ${line}`,
        column === undefined ? [] : `column ${column}`,
      ].flat();
      lines.push(
        `  ${[...place, value === undefined ? message : `${JSON.stringify(value)}: ${message}`].join(", ")}`,
      );
    }
  }
  if (exitCodeOf(error) === exitCodes.internal && error instanceof Error)
    lines.push(error.stack ?? "");
  return `${lines.join("\n")}\n`;
}

try {
  const command = createCommand().parse();
  await run(command.opts<Flags>());
} catch (error) {
  if (error instanceof CommanderError) {
    // commander has said why; --help and --version come this way too, with 0.
    process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
  } else {
    process.stderr.write(explain(error));
    process.exitCode = exitCodeOf(error);
  }
}
