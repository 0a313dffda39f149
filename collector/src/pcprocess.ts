#!/usr/bin/env node
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import { isatty } from "node:tty";
import type { CaptureInput } from "./capture/convert-options.ts";
import { isScanned } from "./capture/inputs.ts";
import { convertToCsv, mayBeOnePass, type CsvSummary } from "./capture/to-csv.ts";
import { parseJson, quoteJson, readObject } from "./capture/json.ts";
import { listInputs } from "./capture/list-inputs.ts";
import { describeUnreadable } from "./capture/read.ts";
import type { ContainersSummary } from "./capture/to-containers.ts";
import type { ProcessesSummary } from "./capture/to-processes.ts";
import type { SarSummary } from "./capture/to-sar.ts";
import { ExitError, exitCodeOf, exitCodes } from "./exit.ts";
import { messageOf } from "./message-of.ts";
import {
  parsePcprocessArguments,
  pcprocessHelp,
  type PcprocessRunArguments,
} from "./pcprocess-arguments.ts";
import { renderResults, renderWarnings, toJson, type Summaries } from "./pcprocess-report.ts";
import { createProgress } from "./progress.ts";
import { readVersion } from "./version.ts";

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

/** Runs pcprocess to its end; answers the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const given = parsePcprocessArguments(argv);
    if (given.kind === "help") writeSync(1, pcprocessHelp);
    else if (given.kind === "version") writeSync(1, `pcprocess ${readVersion()}\n`);
    else await run(given);
    return exitCodes.ok;
  } catch (error) {
    // Who reads the output has gone, as head does: that is an end, not an error.
    if (error instanceof Error && "code" in error && error.code === "EPIPE") return exitCodes.ok;
    report(messageOf(error));
    return exitCodeOf(error);
  }
}

async function run(given: PcprocessRunArguments): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const exitCode = 128 + constants.signals[signal];
    process.once(signal, () => stop.abort(new ExitError(exitCode, `ended by ${signal}`)));
  }
  let folder: string | null = null;
  const keptPath = (index: number): string => {
    folder ??= mkdtempSync(join(tmpdir(), "pcprocess-"));
    return join(folder, String(index));
  };
  try {
    const inputs: CaptureInput[] = [];
    const names: string[] = [];
    for (const name of given.inputs)
      names.push(...(name === "-" ? [name] : await listInputs(name, report)));
    for (const [index, name] of names.entries()) {
      if (given.output !== null && isSameFile(name, given.output)) {
        throw new ExitError(exitCodes.usage, `Cannot write ${given.output}: it is an input, too`);
      }
      const path = isReadableTwice(name)
        ? name
        : await keepInput(name, keptPath(index), stop.signal);
      inputs.push({ name, path });
    }
    await convert(given, inputs, stop.signal);
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true });
  }
}

/** Standard input and pipes are not. */
function isReadableTwice(name: string): boolean {
  if (name === "-") return false;
  try {
    return statSync(name).isFile();
  } catch (error) {
    throw describeUnreadable(name, error);
  }
}

/** What can be read once only is kept until both passes are done. */
async function keepInput(name: string, path: string, signal: AbortSignal): Promise<string> {
  const input = name === "-" ? process.stdin : createReadStream(name);
  try {
    await pipeline(input, createWriteStream(path, { mode: 0o600 }), { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw describeUnreadable(name, error);
  }
  return path;
}

/** Also by another path or link. */
function isSameFile(name: string, other: string): boolean {
  try {
    const [left, right] = [statSync(name), statSync(other)];
    return left.isFile() && left.dev === right.dev && left.ino === right.ino;
  } catch {
    // One of them is not there, or whoever opens it will say what is wrong with it.
    return false;
  }
}

async function convert(
  given: PcprocessRunArguments,
  inputs: CaptureInput[],
  signal: AbortSignal,
): Promise<void> {
  const sarPasses = isScanned({ ...given, inputs }) ? 2 : 1;
  const csvPasses =
    given.output === null ? 0 : mayBeOnePass(given.output, { ...given, inputs }) ? 1 : 2;
  const passes =
    csvPasses +
    (given.sarFolder === null ? 0 : sarPasses) +
    (given.containersFile === null ? 0 : sarPasses + 1) +
    (given.processesFile === null ? 0 : sarPasses);
  const bytes = inputs.reduce((sum, { path }) => sum + statSync(path).size, 0);
  const progress = createProgress({
    totalBytes: passes * bytes,
    write: isatty(2) ? (text) => writeSync(2, text) : null,
    now: Date.now,
  });
  const onProgress = async (bytesRead: number): Promise<void> => {
    signal.throwIfAborted();
    await progress.advance(bytesRead);
    // Signals come between two turns of the event loop.
    await setImmediate();
  };
  const onMorePasses = (): void => progress.extend(2 * bytes);
  const options = { ...given, inputs, onProgress, onMorePasses, report };
  let csv: CsvSummary | null = null;
  let sar: SarSummary | null = null;
  let containers: ContainersSummary | null = null;
  let processes: ProcessesSummary | null = null;
  const names = readContainerNames(given.containerNamesFile);
  try {
    if (given.output !== null) csv = await convertToCsv(given.output, options);
    if (given.sarFolder !== null) {
      const { convertToSar } = await import("./capture/to-sar.ts");
      sar = await convertToSar(given.sarFolder, options);
    }
    if (given.containersFile !== null) {
      const { convertToContainers } = await import("./capture/to-containers.ts");
      containers = await convertToContainers(given.containersFile, { ...options, names });
    }
    if (given.processesFile !== null) {
      const { convertToProcesses } = await import("./capture/to-processes.ts");
      processes = await convertToProcesses(given.processesFile, options);
    }
  } finally {
    progress.end();
  }
  const summaries: Summaries = { csv, sar, containers, processes };
  for (const message of renderWarnings(summaries)) report(message);
  if (given.json) {
    const json = JSON.stringify(toJson(summaries), null, 2);
    const takesOutput = [given.output, given.containersFile, given.processesFile].includes("-");
    writeSync(takesOutput ? 2 : 1, `${json}\n`);
    return;
  }
  for (const message of renderResults(summaries, given)) report(message);
}

/** Names by the containers' ids, as docker gives them. */
function readContainerNames(path: string | null): Map<string, string> {
  if (path === null) return new Map();
  try {
    const names = readObject(parseJson(readFileSync(path, "utf8")), "the file");
    return new Map(
      Object.entries(names).map(([id, name]) => {
        if (typeof name === "string") return [id, name];
        throw new SyntaxError(`the name of ${id} is ${quoteJson(name)}, not a text`);
      }),
    );
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw describeUnreadable(path, error);
    throw new SyntaxError(`Cannot read ${path}: ${error.message}`, { cause: error });
  }
}

function report(message: string): void {
  writeSync(2, `pcprocess: ${message}\n`);
}
