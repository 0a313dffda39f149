// Reads captures of both formats: ours (format.ts) and perfcollector2's (raw-format.ts).
import type { CpuInfo } from "../procfs/cpuinfo.ts";
import { ExitError, exitCodeOf } from "../exit.ts";
import type { DeviceFilters } from "../sampling/devices.ts";
import type { Layout, Sample } from "../sampling/layout.ts";
import { LineTooLongError, readLines } from "./lines.ts";
import { createOwnReader } from "./own-reader.ts";
import type { ContainerIdentity } from "./raw-container.ts";
import type { Mount } from "./raw-format.ts";
import { createRawReader } from "./raw-reader.ts";
import type { Run } from "./intervals.ts";
import type { Statistics } from "./statistics.ts";

/** What a capture holds, in its order. Everything passed belongs to the reader and holds during the call. */
interface CaptureVisitor {
  /** pcc was started, or the machine. */
  run(run: Run & { machineId: string | null }): void;
  /** Holds for the samples that follow. */
  layout(layout: Layout): void;
  sample(sample: Sample): void;
  /** Columns of the statistics that follow. */
  columns?(columns: readonly string[]): void;
  /** Of the sample that comes next; ours have them where they were sampled fast. */
  statistics?(statistics: Statistics): void;
  /** File systems at a sample's time; perfcollector2's captures have them. */
  mounts?(timeMs: number, mounts: readonly Mount[]): void;
  /** Who a container is, before the first sample that has it; perfcollector2's captures tell. */
  container?(device: string, identity: ContainerIdentity): void;
  /** What the processors are; perfcollector2's newer captures have it at each tick. */
  cpuInfo?(info: CpuInfo): void;
  /** The reader goes on when this is done. */
  afterChunk?(bytesRead: number): Promise<void>;
}

export interface CaptureSummary {
  format: "perfanalysis-capture" | "perfcollector2";
  lines: number;
  samples: number;
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
  /** Only devices and the first sample's time are wanted: samples are passed over where that is possible. */
  devicesOnly?: boolean;
}

/** Reads the lines of one format. */
export interface FormatReader {
  /** @throws SyntaxError without the line's number. */
  line(bytes: Buffer, start: number, end: number): void;
  /** Called once, behind the last line. */
  end(): void;
}

const maxMessages = 100;

/**
 * @throws SyntaxError naming file and line of what is no capture or damaged, and ExitError naming a file that cannot be read.
 */
export async function readCapture(path: string, options: ReadOptions): Promise<CaptureSummary> {
  const { name, visitor, skipDamaged = false } = options;
  const summary = createSummary();
  let reader: FormatReader | null = null;

  const readLine = (bytes: Buffer, start: number, end: number, line: number): void => {
    if (start === end) return;
    summary.lines += 1;
    if (reader === null) {
      reader = createReader(bytes.subarray(start, end), { ...options, summary });
      if (reader === null) {
        throw new SyntaxError(`Cannot read ${name}: line ${line} is no line of a capture`);
      }
    }
    try {
      reader.line(bytes, start, end);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const message = `line ${line}: ${error.message}`;
      if (!skipDamaged) throw new SyntaxError(`Cannot read ${name}: ${message}`, { cause: error });
      summary.damagedLines += 1;
      if (summary.damage.length < maxMessages) summary.damage.push(message);
    }
  };

  try {
    await readLines(path, {
      line: readLine,
      tail(bytes, start, end, line) {
        if (isComplete(bytes, start, end)) readLine(bytes, start, end, line);
        else summary.tornTail = true;
      },
      afterChunk: (bytesRead) => visitor.afterChunk?.(bytesRead) ?? Promise.resolve(),
    });
  } catch (error) {
    throw describeUnreadable(name, error);
  }
  if (reader === null) throw new SyntaxError(`Cannot read ${name}: it holds no lines`);
  // TypeScript does not see that the function above has set it.
  (reader as FormatReader).end();
  return summary;
}

function createSummary(): CaptureSummary {
  return {
    format: "perfanalysis-capture",
    lines: 0,
    samples: 0,
    restarts: 0,
    missedTicks: 0,
    clockSteps: 0,
    failedSources: {},
    skipped: {},
    damagedLines: 0,
    damage: [],
    tornTail: false,
  };
}

function createReader(
  firstLine: Buffer,
  options: ReadOptions & { summary: CaptureSummary },
): FormatReader | null {
  const start = firstLine.toString("latin1", 0, 200);
  if (/^\{\s*"format"/.test(start)) return createOwnReader(options);
  if (start.startsWith("{") && /"(?:timestamp|subsystem|measurement)"/.test(start)) {
    options.summary.format = "perfcollector2";
    return createRawReader(options);
  }
  return null;
}

/** Whether a last line without a newline is whole all the same: every line of both formats is one JSON object. */
function isComplete(bytes: Buffer, start: number, end: number): boolean {
  try {
    JSON.parse(bytes.toString("utf8", start, end));
    return true;
  } catch {
    return false;
  }
}

/** The error with the name of the file where it speaks of the file as a whole; others as they are. */
export function describeUnreadable(name: string, error: unknown): unknown {
  if (error instanceof LineTooLongError) {
    return new SyntaxError(`Cannot read ${name}: ${error.message}`, { cause: error });
  }
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "Z_BUF_ERROR" || code === "Z_DATA_ERROR") {
    const why = code === "Z_BUF_ERROR" ? "cut off" : "damaged";
    return new SyntaxError(`Cannot read ${name}: its gzip data is ${why}`, { cause: error });
  }
  if (error instanceof Error && "syscall" in error && code !== "EPIPE") {
    const message = `Cannot read ${name}: ${error.message}`;
    return new ExitError(exitCodeOf(error), message, { cause: error });
  }
  return error;
}
