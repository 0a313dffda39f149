// Reads captures of both formats, ours (format.ts) and perfcollector2's (raw-format.ts), the CSV standard and files of other tools
// (../import).
import type { CpuInfo } from "../procfs/cpuinfo.ts";
import { ExitError, exitCodeOf, exitCodes } from "../exit.ts";
import type { DeviceFilters } from "../sampling/devices.ts";
import type { Layout, Sample } from "../sampling/layout.ts";
import type { Machine } from "../sampling/machine.ts";
import { toMachineId } from "../sampling/host.ts";
import type { ImportOptions } from "../import/import-reader.ts";
import { isSarFile, recogniseImport } from "../import/recognise.ts";
import type { ImportedRow } from "../import/imported-row.ts";
import { utc, type TimeZone } from "../import/time-zone.ts";
import {
  LineTooLongError,
  NothingWholeError,
  readLines,
  readStart,
  splitLines,
  type LineHandler,
} from "./lines.ts";
import { createLineRestorer } from "./differences.ts";
import type { ContainerIdentity } from "./raw-container.ts";
import type { Mount } from "./raw-format.ts";
import type { Run } from "./intervals.ts";
import type { TopProcesses } from "../sampling/top-processes.ts";
import type { Statistics } from "./statistics.ts";

/** What a capture holds, in its order. Everything passed belongs to the reader and holds during the call. */
interface CaptureVisitor {
  /** pcc was started, or the machine. */
  run(run: Run & { machineId: string | null; host?: string }): void;
  /** Holds for the samples that follow. */
  layout(layout: Layout): void;
  sample(sample: Sample): void;
  /** Columns of the statistics that follow. */
  columns?(columns: readonly string[]): void;
  /** Of the sample that comes next; ours have them where they were sampled fast. */
  statistics?(statistics: Statistics): void;
  /** The processes with the most CPU and memory, before the sample of their time. */
  processes?(processes: TopProcesses): void;
  /** File systems at a sample's time; perfcollector2's captures have them. */
  mounts?(timeMs: number, mounts: readonly Mount[]): void;
  /** Who a container is, before the first sample that has it; perfcollector2's captures tell. */
  container?(device: string, identity: ContainerIdentity): void;
  /** What the processors are; perfcollector2's newer captures have it at each tick. */
  cpuInfo?(info: CpuInfo): void;
  /** What the machine is; ours have it. */
  machine?(machine: Machine): void;
  /** A row of CSV, or one that another tool has measured; where it is missing, such files are refused. */
  importedRow?(row: ImportedRow): void;
  /** A line without damage, between `start` and `end`, behind what it holds. */
  line?(bytes: Buffer, start: number, end: number): void;
  /** The reader goes on when this is done. */
  afterChunk?(bytesRead: number): Promise<void>;
}

/** What a file can be: a capture, the CSV standard, or what another tool wrote. */
export const inputFormats = [
  "perfanalysis-capture",
  "perfcollector2",
  "csv",
  "sar",
  "sadf",
  "pmrep",
  "collectl",
  "nmon",
] as const;

export type InputFormat = (typeof inputFormats)[number];

export interface CaptureSummary {
  format: InputFormat;
  lines: number;
  samples: number;
  /** Whose it is, and what that calls itself; null where the file does not tell. */
  machineId: string | null;
  host: string | null;
  /** What the machine was at the end; null where the file does not tell. */
  machine: Machine | null;
  /** Starts of pcc or of the machine, but for the first. */
  restarts: number;
  /** Ticks that pcc says it missed. */
  missedTicks: number;
  /** How often the wall clock was set. */
  clockSteps: number;
  /** Last error of each source that failed at some time. */
  failedSources: Record<string, string>;
  /** Lines that are fine but not known to this program, by name. */
  skipped: Record<string, number>;
  damagedLines: number;
  /** Messages of the first of them. */
  damage: string[];
  /** What must be known of the values that another tool's file gives, or does not. */
  notes: string[];
  /** The last line was cut off: the capture is still written to, or its writer was killed. */
  tornTail: boolean;
}

export interface ReadOptions {
  /** What messages call the file. */
  name: string;
  visitor: CaptureVisitor;
  /** Goes on behind damaged lines and counts them, instead of failing at the first. */
  skipDamaged?: boolean;
  /** Which devices of perfcollector2's captures are read; ours have been filtered by pcc. */
  filters?: DeviceFilters;
  /** Only devices and times are wanted: samples need not have values. */
  devicesOnly?: boolean;
  /** What the file is; undefined: as its beginning says. */
  format?: InputFormat | undefined;
  /** Of other tools' times that say none; UTC where none is given. */
  timeZone?: TimeZone;
}

/** Reads the lines of one format. */
export interface FormatReader {
  /** @throws SyntaxError without the line's number. */
  line(bytes: Buffer, start: number, end: number, line: number): void;
  /** Whether a last line without a newline is whole all the same. */
  acceptsTail(bytes: Buffer, start: number, end: number): boolean;
  /** Called once, behind the last line. */
  end(): void;
}

const maxMessages = 100;

/**
 * @throws SyntaxError naming file and line of what is no capture or damaged, and ExitError naming a file that cannot be read.
 */
export async function readCapture(path: string, options: ReadOptions): Promise<CaptureSummary> {
  const { name, skipDamaged = false } = options;
  const format = options.format ?? (await recogniseInput(path, { name, skipDamaged }));
  const summary = createSummary(format);
  const visitor = noticeMachine(options.visitor, summary);
  const reader = await createReader(format, { ...options, visitor, summary });
  let lineCount = 0;
  const restore = createLineRestorer();

  const damage = (error: unknown, line: number): void => {
    if (!(error instanceof SyntaxError)) throw error;
    const message = `line ${line}: ${error.message}`;
    if (!skipDamaged) throw new SyntaxError(`Cannot read ${name}: ${message}`, { cause: error });
    summary.damagedLines += 1;
    if (summary.damage.length < maxMessages) summary.damage.push(message);
  };
  const readLine = (bytes: Buffer, start: number, end: number, line: number): void => {
    lineCount = line;
    if (start === end) return;
    summary.lines += 1;
    try {
      const restored = restore(bytes, start, end);
      if (restored !== null) [bytes, start, end] = [restored, 0, restored.length];
      reader.line(bytes, start, end, line);
    } catch (error) {
      damage(error, line);
      return;
    }
    visitor.line?.(bytes, start, end);
  };
  const lost = (line: number): void => {
    lineCount = line;
    summary.lines += 1;
    damage(new SyntaxError("a piece of the gzip data is damaged; what was in it is lost"), line);
  };
  const handler: LineHandler = {
    line: readLine,
    tail(bytes, start, end, line) {
      if (reader.acceptsTail(bytes, start, end)) readLine(bytes, start, end, line);
      else summary.tornTail = true;
    },
    afterChunk: (bytesRead) => visitor.afterChunk?.(bytesRead) ?? Promise.resolve(),
    ...(skipDamaged ? { lost } : {}),
  };

  try {
    if (format === "sar") {
      const { readSarFile } = await import("../import/sar-file.ts");
      const warn = (message: string): unknown => summary.notes.push(message);
      await splitLines(readSarFile(path, { name, warn }), handler, () => 0);
    } else {
      await readLines(path, handler);
    }
  } catch (error) {
    if (!skipDamaged || !isCutOff(error)) throw describeUnreadable(name, error);
    summary.lines += 1;
    lineCount += 1;
    damage(new SyntaxError("the gzip data is cut off"), lineCount);
  }
  try {
    reader.end();
  } catch (error) {
    // A file of which nothing could be read is no capture.
    if (summary.samples > 0 || !(error instanceof SyntaxError)) damage(error, lineCount);
    else {
      const message = `Cannot read ${name}: line ${lineCount}: ${error.message}`;
      throw new SyntaxError(message, { cause: error });
    }
  }
  return summary;
}

function noticeMachine(visitor: CaptureVisitor, summary: CaptureSummary): CaptureVisitor {
  return {
    ...visitor,
    run(run) {
      summary.machineId = run.machineId;
      summary.host = run.host ?? null;
      visitor.run(run);
    },
  };
}

/** @throws SyntaxError where the file is nothing that can be read. */
async function recogniseInput(
  path: string,
  { name, skipDamaged }: { name: string; skipDamaged: boolean },
): Promise<InputFormat> {
  const found = await findFirstLine(path, { name, skipDamaged });
  if (found === null) throw new SyntaxError(`Cannot read ${name}: it holds no lines`);
  if (found.format !== null) return found.format;
  throw new SyntaxError(
    `Cannot read ${name}: line ${found.line} is no line of a capture, of CSV or of another tool; where its beginning is cut off, pcprocess --input-format tells what it is`,
  );
}

/** What the file is, by its beginning; null where it is nothing that can be read. */
export async function recogniseFile(path: string): Promise<InputFormat | null> {
  return (await findFirstLine(path, { name: path, skipDamaged: false }))?.format ?? null;
}

class RecognisedError extends Error {}

const beginningLength = 200;

/** Null where the file has no lines. */
async function findFirstLine(
  path: string,
  { name, skipDamaged }: { name: string; skipDamaged: boolean },
): Promise<{ format: InputFormat | null; line: number } | null> {
  let found: { format: InputFormat | null; line: number } | null = null;
  /** Whether the beginning is there. */
  let isBegun = true;
  const useLine = (bytes: Buffer, start: number, end: number, line: number): void => {
    if (start === end) return;
    if (!isBegun && found === null) {
      throw new NothingWholeError(
        "its gzip data is damaged at its beginning, which tells what it is",
      );
    }
    const beginning = bytes.toString("latin1", start, Math.min(end, start + beginningLength));
    if (found === null) {
      found = { format: recognise(beginning), line };
      // JSON that was rewritten has its first bracket alone in a line: the next one tells what it is.
      if (beginning.trim() === "{") return;
    } else {
      found.format = recogniseImport(`{${beginning}`);
    }
    throw new RecognisedError();
  };
  try {
    if (isSarFile(await readStart(path))) return { format: "sar", line: 1 };
    await readLines(path, {
      line: useLine,
      tail: useLine,
      afterChunk: () => Promise.resolve(),
      ...(skipDamaged ? { lost: () => (isBegun = false) } : {}),
    });
  } catch (error) {
    if (!(error instanceof RecognisedError)) throw describeUnreadable(name, error);
  }
  return found;
}

function createSummary(format: InputFormat): CaptureSummary {
  return {
    format,
    lines: 0,
    samples: 0,
    machineId: null,
    host: null,
    machine: null,
    restarts: 0,
    missedTicks: 0,
    clockSteps: 0,
    failedSources: {},
    skipped: {},
    damagedLines: 0,
    damage: [],
    notes: [],
    tornTail: false,
  };
}

async function createReader(
  format: InputFormat,
  options: ReadOptions & { summary: CaptureSummary },
): Promise<FormatReader> {
  if (format === "perfanalysis-capture") {
    return (await import("./own-reader.ts")).createOwnReader(options);
  }
  if (format === "perfcollector2")
    return (await import("./raw-reader.ts")).createRawReader(options);
  const { importFormats } = await import("../import/formats.ts");
  return createImportReader(importFormats[format === "sar" ? "sadf" : format], options);
}

function recognise(start: string): InputFormat | null {
  const imported = recogniseImport(start);
  if (imported !== null) return imported;
  if (/^\{\s*"format"/.test(start)) return "perfanalysis-capture";
  if (start.startsWith("{") && /"(?:timestamp|subsystem|measurement)"/.test(start)) {
    return "perfcollector2";
  }
  return null;
}

function createImportReader(
  create: (options: ImportOptions) => FormatReader,
  {
    name,
    visitor,
    filters = {},
    timeZone = utc,
    summary,
  }: ReadOptions & { summary: CaptureSummary },
): FormatReader {
  if (visitor.importedRow === undefined) {
    throw new ExitError(
      exitCodes.usage,
      `Cannot convert ${name}: it is of ${summary.format}, which has no counters for sysstat's columns; give --output`,
    );
  }
  let first: string | null = null;
  return create({
    visitor: {
      host(host) {
        first ??= host;
        if (host !== first) {
          throw new ExitError(
            exitCodes.badData,
            `Cannot convert ${name}: it holds several machines, ${first} and ${host}; give each in a file of its own`,
          );
        }
        visitor.run({ machineId: toMachineId(host), bootId: null, intervalMs: null, host });
      },
      row(row) {
        visitor.importedRow?.(row);
      },
    },
    filters,
    timeZone,
    summary,
  });
}

/** The error with the name of the file where it speaks of the file as a whole; others as they are. */
export function describeUnreadable(name: string, error: unknown): unknown {
  if (error instanceof LineTooLongError || error instanceof NothingWholeError) {
    return new SyntaxError(`Cannot read ${name}: ${error.message}`, { cause: error });
  }
  const code = codeOf(error);
  if (isCutOff(error) || code === "Z_DATA_ERROR") {
    const why = isCutOff(error)
      ? "cut off"
      : "damaged; pcprocess --skip-damaged reads what is whole, where it was zipped in pieces, as pcc does";
    return new SyntaxError(`Cannot read ${name}: its gzip data is ${why}`, { cause: error });
  }
  if (error instanceof Error && "syscall" in error && code !== "EPIPE") {
    const message = `Cannot read ${name}: ${error.message}`;
    return new ExitError(exitCodeOf(error), message, { cause: error });
  }
  return error;
}

/** Whether gzip's data ends in the middle. */
function isCutOff(error: unknown): boolean {
  return codeOf(error) === "Z_BUF_ERROR";
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}
