// A report is made by a process of its own, so that one that runs out of memory or time takes nothing else with it.
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable, type Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { HostFacts, ReportProgress } from "@perfanalysis/contract/api";

export interface RenderOptions {
  /** Arguments of node in front of perf-report's own; tests put another program here. */
  program?: readonly string[];
  /** What the report calls the machine. */
  machineName: string;
  /** What the machine told of itself; null where it has not. */
  host: HostFacts | null;
  /** Told of each stage as it begins. */
  onStage?: (stage: ReportProgress["stage"]) => void;
  /** Of JavaScript objects. */
  maxHeapMiB?: number;
  /** Of all that the process holds: samples, and native parts such as the PDF's typesetting, included. */
  maxMemoryMiB?: number;
  maxCsvBytes?: number;
  timeoutMs?: number;
  signal: AbortSignal;
}

export interface RenderedReport {
  html: Buffer;
  pdf: Buffer | null;
  /** Why there is no PDF, for the reader; null where there is one. */
  pdfError: string | null;
}

/** The report could not be made, and would not be if it were tried again. The message is for the reader. */
export class ReportFailure extends Error {
  override readonly name = "ReportFailure";
}

/** As the program's first line has them, beside MALLOC_ARENA_MAX, and tells why. */
const runtimeFlags = ["--max-semi-space-size=1", "--no-concurrent-recompilation"];
const MiB = 1024 * 1024;
/** Of each of the two files. */
const maxFileBytes = 64 * MiB;
const maxMessageBytes = 16 * 1024;
const shorter = "Choose a shorter time range.";

/**
 * HTML and PDF made by perf-report from a CSV of the standard; HTML alone where all that fails is the PDF.
 * Throws ReportFailure where perf-report fails, is killed or takes too long before the HTML is there; the signal's reason where
 * that ends it.
 */
export async function renderReport(
  csv: AsyncIterable<Uint8Array>,
  options: RenderOptions,
): Promise<RenderedReport> {
  const folder = await mkdtemp(join(tmpdir(), "perf-portal-report-"));
  try {
    return await renderInto(folder, csv, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function renderInto(
  folder: string,
  csv: AsyncIterable<Uint8Array>,
  {
    program = [fileURLToPath(import.meta.resolve("@perfanalysis/reporting/cli"))],
    machineName,
    host,
    onStage = () => undefined,
    maxHeapMiB = 512,
    maxMemoryMiB = 1536,
    maxCsvBytes = 512 * MiB,
    timeoutMs = 120_000,
    signal,
  }: RenderOptions,
): Promise<RenderedReport> {
  const facts = join(folder, "host.json");
  const [html, pdf] = [join(folder, "report.html"), join(folder, "report.pdf")];
  await writeFile(facts, JSON.stringify(host ?? {}));
  const timeout = AbortSignal.timeout(timeoutMs);
  const child = spawn(
    process.execPath,
    [
      `--max-old-space-size=${maxHeapMiB}`,
      ...runtimeFlags,
      ...program,
      "--data-file=-",
      // Files, not a pipe: perf-report writes each whole or not at all, and the HTML before it begins with the PDF.
      `--output=${html}`,
      `--output=${pdf}`,
      // With "=": a name may begin with a dash.
      `--machine-name=${machineName}`,
      `--machine-facts=${facts}`,
      "--input-name=the portal's samples, as CSV",
      "--progress-fd=3",
      // A tenant's report stays in the tenant's schema: it goes with the report, and with the tenant.
      "--no-cache",
    ],
    {
      stdio: ["pipe", "pipe", "pipe", "pipe"],
      // Nothing of our own environment: it may hold passwords.
      env: { TZ: "UTC", NO_COLOR: "1", MALLOC_ARENA_MAX: "1" },
      signal: AbortSignal.any([signal, timeout]),
      killSignal: "SIGKILL",
    },
  );
  const memory = watchMemory(child, maxMemoryMiB);
  // It has nothing to say there; a program that does must not wait for a reader.
  child.stdout.resume();
  const [feeding, message, , end] = await Promise.all([
    feed({ child, stdin: child.stdin }, limitBytes(csv, maxCsvBytes)),
    readStart(child.stderr, maxMessageBytes),
    followStages(child, onStage),
    waitForEnd(child).finally(memory.unwatch),
  ]);
  signal.throwIfAborted();
  let fault: string | null = null;
  if (timeout.aborted) fault = `It was not ready after ${timeoutMs / 1000} s. ${shorter}`;
  else if (memory.wasTooMuch()) fault = tooMuchMemory;
  else if (feeding !== undefined) throw feeding;
  else fault = describeEnd(end, message);
  const page = await readMade(html);
  if (page === null) throw new ReportFailure(fault ?? "perf-report made no HTML.");
  if (page === "too large") throw new ReportFailure(describeTooLarge("HTML"));
  const print = fault === null ? await readMade(pdf) : null;
  if (print instanceof Buffer) return { html: page, pdf: print, pdfError: null };
  const pdfError = print === null ? (fault ?? "perf-report made no PDF.") : describeTooLarge("PDF");
  return { html: page, pdf: null, pdfError };
}

/** A file of the report; null where it was not made. */
async function readMade(path: string): Promise<Buffer | "too large" | null> {
  try {
    const { size } = await stat(path);
    return size > maxFileBytes ? "too large" : await readFile(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function describeTooLarge(what: string): string {
  return `The report's ${what} is larger than ${maxFileBytes / MiB} MiB. ${shorter}`;
}

/** Each line of the child's third pipe is a JSON object with a stage. What is none is passed over. */
async function followStages(
  child: ChildProcess,
  onStage: (stage: ReportProgress["stage"]) => void,
): Promise<void> {
  const pipe = child.stdio[3];
  if (!(pipe instanceof Readable)) return;
  for await (const line of createInterface({ input: pipe })) {
    const stage = stages.find((one) => line === JSON.stringify({ stage: one }));
    if (stage !== undefined) onStage(stage);
  }
}

const stages: readonly ReportProgress["stage"][] = ["reading", "judging", "writing"];

/** What went wrong with the samples; that the child takes no more of them is told by its own end. */
async function feed(
  { child, stdin }: { child: ChildProcess; stdin: Writable },
  csv: AsyncIterable<Uint8Array>,
): Promise<unknown> {
  stdin.on("error", () => undefined);
  try {
    for await (const chunk of csv) {
      if (stdin.destroyed) break;
      if (!stdin.write(chunk)) await waitForDrain(stdin);
    }
    stdin.end();
    return undefined;
  } catch (error) {
    child.kill("SIGKILL");
    return error;
  }
}

/** Also ends where the stream is closed and will take nothing more. */
function waitForDrain(stream: Writable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = () => {
    stream.off("drain", done).off("close", done);
    resolve();
  };
  stream.on("drain", done).on("close", done);
  return promise;
}

async function* limitBytes(
  csv: AsyncIterable<Uint8Array>,
  most: number,
): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const chunk of csv) {
    bytes += chunk.length;
    if (bytes > most)
      throw new ReportFailure(
        `These are more samples than one report can take (${most / MiB} MiB as CSV). ${shorter}`,
      );
    yield chunk;
  }
}

/** What comes beyond `most` bytes is read, too, and dropped. */
async function readStart(stream: Readable, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // A stream of bytes gives Buffers.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (bytes < most) chunks.push(chunk);
    bytes += chunk.length;
  }
  return Buffer.concat(chunks).toString("utf8", 0, most);
}

type End = number | NodeJS.Signals | Error;

/** Exit code, or the signal or error that ended it. */
function waitForEnd(child: ChildProcess): Promise<End> {
  const { promise, resolve } = Promise.withResolvers<End>();
  // Also when it is aborted; "close" follows unless it could not even be started.
  child.on("error", (error) => {
    if (child.pid === undefined) resolve(error);
  });
  child.on("close", (code, signal) => resolve(code ?? signal ?? new Error("It ended")));
  return promise;
}

const tooMuchMemory = `Making it took too much memory. ${shorter}`;
/** Often enough that a process on its way past the limit is not far beyond it when it is seen. */
const watchMs = 100;

/**
 * Ends the child where it holds more than it may. V8's own limit is of JavaScript objects alone, and one of address space
 * (RLIMIT_AS) is no limit of memory: V8 reserves gigabytes of it for a WebAssembly memory that holds nothing. Where there is
 * no /proc, nothing is watched.
 */
function watchMemory(
  child: ChildProcess,
  maxMiB: number,
): { wasTooMuch: () => boolean; unwatch: () => void } {
  let wasTooMuch = false;
  const timer = setInterval(() => {
    if (child.pid === undefined || !(readResidentBytes(child.pid) > maxMiB * MiB)) return;
    wasTooMuch = true;
    child.kill("SIGKILL");
  }, watchMs);
  return { wasTooMuch: () => wasTooMuch, unwatch: () => clearInterval(timer) };
}

/** NaN where nobody can tell, as of a process that has just ended. Format: https://docs.kernel.org/filesystems/proc.html, VmRSS. */
function readResidentBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN);
  } catch {
    return NaN;
  }
}

/** How perf-report says that all it lacks is the PDF: docs/report.md, exit codes. */
const noPdfCode = 80;

/** What went wrong, for the reader; null where it ended well. */
function describeEnd(end: End, message: string): string | null {
  if (end === 0) return null;
  if (end === "SIGABRT" || message.includes("heap out of memory")) return tooMuchMemory;
  if (end instanceof Error) return `perf-report could not be started: ${end.message}`;
  // Of an exception that nobody caught, the line that names it.
  const lines = message.split("\n").filter((line) => !/^(?:\s|[{}]|Node\.js v|$)/.test(line));
  const last = lines.at(-1)?.replace(ownPrefix, "").slice(0, 500) ?? "";
  if (end === noPdfCode && last !== "") return last;
  const how = typeof end === "number" ? `ended with code ${end}` : `was ended by ${end}`;
  return `perf-report ${how}${last === "" ? "." : `: ${last}`}`;
}

/** What a line of perf-report's begins with that the reader is told already. */
const ownPrefix = /^perf-report: (?:Made without its PDF: )?/;
