// perf-report: samples in, a report out – or reports of many, or what differs between some.
import { CommanderError } from "commander";
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { runJob, type MadeReport, type ReportJob } from "../batch/job.ts";
import { openThreads, type Threads } from "../batch/threads.ts";
import { writeDocument } from "../batch/write-document.ts";
import { createCommand, type Flags } from "./command.ts";
import { exitCodeOf, exitCodes, explain, UsageError } from "./exit.ts";
import {
  checkFlags,
  listSources,
  outputFolder,
  outputsNamed,
  outputsOfEach,
  outputsOfOne,
  sourceOf,
  stemOf,
} from "./plan.ts";
import { print } from "./print.ts";
import { createProgress } from "./progress.ts";
import { ConfigError, readSettings, type Settings } from "../config.ts";
import { parseHostFacts } from "../data/host-facts.ts";
import type { SourceSettings } from "../data/open-input.ts";
import type { MachineFacts } from "../data/machine-facts.ts";
import { isInputName, NoInputError, reasonOf } from "../files.ts";
import { printable } from "../format.ts";
import { version } from "../version.ts";

/** A file that has not changed for so long is whole. */
const settleMs = 2000;

async function run(flags: Flags): Promise<number> {
  checkFlags(flags);
  const settings = await readSettings({
    flags: toSettingFlags(flags),
    configFile: flags.config ?? null,
  });
  if (flags.watch !== undefined) {
    await watch(flags.watch, flags, settings);
    return 0;
  }
  const threads = openThreads(flags.jobs);
  try {
    const sources = await listSources(flags, settings, threads);
    const [only, ...others] = sources;
    if (flags.compare) return await compare(sources, flags, settings);
    if (only !== undefined && others.length === 0 && !flags.all)
      return await one(only, flags, settings);
    return await each(sources, { threads, flags, settings });
  } finally {
    await threads.close();
  }
}

function toSettingFlags(flags: Flags): Parameters<typeof readSettings>[0]["flags"] {
  return {
    machineId: flags.machine.length === 1 ? flags.machine[0] : undefined,
    machineName: flags.machineName,
    storageDevice: flags.storageDevice,
    networkInterface: flags.networkInterface,
    dataDirectory: flags.dataDir,
    portal: flags.portal,
    keyFile: flags.keyFile,
    title: flags.title,
    timeZone: flags.timeZone,
    businessHours: flags.businessHours,
    networkSpeeds: flags.networkSpeeds,
  };
}

/** Without what reports have no use for, above all the portal's key. */
function optionsOf(
  { costPerHour: [costPerHour] }: Flags,
  settings: Settings,
  title: string,
): ReportJob["options"] {
  const {
    machineName,
    storageDevice,
    networkInterface,
    businessHours,
    networkSpeeds,
    timeZone,
    branding,
    nowS,
  } = settings;
  return {
    machineName,
    storageDevice,
    networkInterface,
    businessHours,
    networkSpeeds,
    timeZone,
    branding,
    nowS,
    costPerHour,
    title,
    generator: `perf-report ${version()}`,
  };
}

function toJob(
  source: SourceSettings,
  outputs: string[],
  { flags, settings }: { flags: Flags; settings: Settings },
): ReportJob {
  return {
    source,
    facts: null,
    inputName: flags.inputName ?? null,
    options: optionsOf(flags, settings, settings.title ?? "Performance report"),
    outputs,
    json: flags.json === true,
    cacheFolder: flags.cache ? settings.cacheDirectory : null,
  };
}

async function one(source: SourceSettings, flags: Flags, settings: Settings): Promise<number> {
  const isNamed = flags.format.length > 0 || flags.output.length > 0;
  const name = isNamed ? (source.machineId ?? stemOf(source)) : "report";
  const outputs = await outputsOfOne(flags, settings, { name, sources: [source] });
  const facts = await readFacts(flags.machineFacts);
  const job = { ...toJob(source, outputs, { flags, settings }), facts };
  const report = await runJob(job, createProgress(flags.progressFd ?? null));
  for (const output of report.written) tell(wrote(output, report));
  if (report.facts !== null) await print(report.facts);
  if (report.pdfFault === null) return 0;
  log(madeWithoutPdf(report.pdfFault));
  return exitCodes.noPdf;
}

function madeWithoutPdf(why: string): string {
  return `Made without its PDF: ${why}`;
}

/** Null for none given. */
async function readFacts(path: string | undefined): Promise<MachineFacts | null> {
  if (path === undefined) return null;
  try {
    return parseHostFacts(await readFile(path, "utf8"));
  } catch (error) {
    throw new ConfigError(`Cannot use ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

function wrote(output: string, { fromCache }: MadeReport): string {
  return `Wrote ${output}${fromCache ? ", unchanged since it was made" : ""}`;
}

/** Many, side by side. Those that can be made are made, whatever becomes of the others; answers the exit code of the first that cannot, or not whole. */
async function each(
  sources: readonly SourceSettings[],
  { threads, flags, settings }: { threads: Threads; flags: Flags; settings: Settings },
): Promise<number> {
  if (settings.machineName !== undefined) {
    throw new UsageError(
      "Cannot call several machines by one name: leave --machine-name and machine.name out",
    );
  }
  const writes = flags.output.length > 0 || !flags.json;
  const outputs = writes
    ? outputsOfEach(sources, flags, await outputFolder(flags, settings))
    : sources.map(() => []);
  const progress = createProgress(null);
  let done = 0;
  const outcomes = await Promise.all(
    sources.map(async (source, at) => {
      const job = toJob(source, outputs[at] ?? [], { flags, settings });
      const outcome = await threads.run(job);
      progress.show(`${++done} of ${sources.length} reports made`);
      return { source, outcome };
    }),
  );
  progress.end();
  let exitCode = 0;
  for (const { source, outcome } of outcomes) {
    if (!outcome.made) {
      exitCode ||= outcome.exitCode;
      log(`${nameOf(source)}: ${outcome.message}`);
      continue;
    }
    const { facts, pdfFault } = outcome.report;
    if (facts !== null) await printLine(facts);
    if (pdfFault !== null) {
      exitCode ||= exitCodes.noPdf;
      log(`${nameOf(source)}: ${madeWithoutPdf(pdfFault)}`);
    }
  }
  const made = outcomes.filter(({ outcome }) => outcome.made).length;
  if (writes) tell(`Made ${made} of ${sources.length} reports`);
  return exitCode;
}

function nameOf({ dataFile, dataDirectory, portal, machineId }: SourceSettings): string {
  const source = dataFile?.join(", ") ?? portal ?? dataDirectory ?? "";
  return machineId === undefined ? source : `${machineId} of ${source}`;
}

async function compare(
  sources: readonly SourceSettings[],
  flags: Flags,
  settings: Settings,
): Promise<number> {
  const outputs = await outputsOfOne(flags, settings, { name: "comparison", sources });
  const progress = createProgress(flags.progressFd ?? null);
  // Of its files no other report has a use.
  const { makeComparison } = await import("./compare.ts");
  const { document, facts } = await makeComparison(sources, flags, {
    options: optionsOf(flags, settings, settings.title ?? "Comparison"),
    progress,
  });
  progress.begin("writing");
  const isMoreAsked = flags.json === true;
  const { written, pdfFault } = await writeDocument(document, { outputs, isMoreAsked });
  for (const output of written) tell(`Wrote ${output}`);
  if (isMoreAsked) await print(`${JSON.stringify(facts, null, 2)}\n`);
  if (pdfFault === null) return 0;
  log(madeWithoutPdf(pdfFault));
  return exitCodes.noPdf;
}

/** Until it is told to end. A file that cannot be reported on is said, and tried again when it has changed. */
async function watch(folder: string, flags: Flags, settings: Settings): Promise<void> {
  const isFolder = await stat(folder).then((there) => there.isDirectory());
  if (!isFolder) throw new NoInputError(`Cannot watch ${folder}: it is no folder`);
  const outputsTo = await outputFolder(flags, settings);
  if (resolve(folder) === outputsTo) {
    throw new UsageError(
      `Cannot write the reports to ${folder}: it is watched, and each of them would be taken for input; name another folder with --output`,
    );
  }
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  // Not before it is needed: few calls watch.
  const { watchFolder } = await import("../batch/watch.ts");
  const threads = openThreads(2);
  const owners = new Map<string, string>();
  try {
    log(`Watching ${resolve(folder)}`);
    await watchFolder(folder, {
      isInput: isInputName,
      settleMs,
      signal: stop.signal,
      make: (path) => makeWatched(path, { threads, flags, settings, folder: outputsTo, owners }),
    });
  } finally {
    await threads.close();
  }
}

async function makeWatched(
  dataFile: string,
  {
    threads,
    flags,
    settings,
    folder,
    owners,
  }: {
    threads: Threads;
    flags: Flags;
    settings: Settings;
    folder: string;
    /** By report: the file that it is made of. */
    owners: Map<string, string>;
  },
): Promise<void> {
  const source = { ...sourceOf(flags, settings), dataFile: [dataFile] };
  const outputs = outputsNamed(stemOf(source), flags.format, folder);
  const name = stemOf(source);
  const owner = owners.get(name) ?? dataFile;
  if (owner !== dataFile) {
    return log(`${dataFile}: its report would replace that of ${owner}; give it another name`);
  }
  owners.set(name, dataFile);
  const job = toJob(source, outputs, { flags, settings });
  const outcome = await threads.run(job);
  if (!outcome.made) return log(`${dataFile}: ${outcome.message}`);
  const { written, facts, pdfFault } = outcome.report;
  for (const output of written) log(wrote(output, outcome.report));
  if (pdfFault !== null) log(`${dataFile}: ${madeWithoutPdf(pdfFault)}`);
  if (facts !== null) await printLine(facts);
}

/** Conclusions of one of several reports: a line each. */
async function printLine(facts: string): Promise<void> {
  await print(`${JSON.stringify(JSON.parse(facts))}\n`);
}

/** For people; programs are told by what is there. */
function tell(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}

/** Also where nobody looks on: faults, and what goes on for long. Names of files and words of a portal may hold anything. */
function log(text: string): void {
  process.stderr.write(`perf-report: ${printable(text)}\n`);
}

/** Whoever reads the help or the version through `head` has had enough. What else goes wrong with output, print() tells. */
function passOverClosedPipe(error: Error & { code?: string }): void {
  if (error.code !== "EPIPE" && process.stdout.listenerCount("error") === 1) throw error;
}

/** Answers the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on("error", passOverClosedPipe);
  try {
    const command = createCommand().parse(argv, { from: "user" });
    // Said here rather than by commander: it is what a newcomer tries first.
    const [file] = command.args;
    if (file !== undefined) {
      throw new UsageError(`Cannot use "${file}" by itself: name input with --data-file`);
    }
    return await run(command.opts<Flags>());
  } catch (error) {
    // commander has said why; --help and --version come this way too, with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
    log(explain(error));
    return exitCodeOf(error);
  }
}
