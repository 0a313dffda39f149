import { countOf } from "../count-of.ts";
import type { Devices, Layout, Sample } from "../sampling/layout.ts";
import type { Machine } from "../sampling/machine.ts";
import type { StatusChange } from "../sampling/probe.ts";
import type { Tick } from "../sampling/ticks.ts";
import { AppendFile } from "./append-file.ts";
import { LostSamples } from "./lost-samples.ts";
import { createSampleEncoder } from "./encode.ts";
import type { TopProcesses } from "../sampling/top-processes.ts";
import type { Statistics } from "./statistics.ts";
import {
  createRunHeader,
  headerStart,
  parseRecord,
  renderRecord,
  type CaptureRecord,
  type RunHeader,
} from "./format.ts";

/** Where a collector's samples go. */
export interface SampleSink {
  /** Before each sample. */
  tick(tick: Tick): void;
  layout(layout: Layout): void;
  status(timeMs: number, change: StatusChange): void;
  /** The samples that follow are taken at another interval. */
  interval?(intervalMs: number): void;
  /** Of the sample that comes next. */
  statistics?(statistics: Statistics): void;
  /** The processes with the most CPU and memory, of the sample that follows. */
  processes?(processes: TopProcesses): void;
  sample(sample: Sample): void;
  /** Samples that were given since it was opened and that it had no room for. */
  droppedSamples?(): number;
  /** What pcctl shows of it. */
  describe?(): object;
  /** Everything that was given has arrived, or will not. */
  close(): Promise<void>;
}

/** A sink that is one file. */
export interface FileSink extends SampleSink {
  readonly bytes: number;
  /** Closes at once: a file has nothing to wait for. */
  end(): void;
}

export interface CaptureWriterOptions {
  run: Omit<RunHeader, "devices" | "sources" | "machine"> & { machine?: Machine | null };
  layout: Layout;
  /** For people, where something is out of the ordinary. */
  report: (message: string) => void;
}

/**
 * Appends samples in our own format; a capture that is there already goes on with a restart record. A sample that the disk has no
 * room for is counted as missed.
 * @throws SyntaxError where the file holds something else or another machine's samples.
 */
export function openCaptureWriter(
  path: string,
  { run, layout, report }: CaptureWriterOptions,
): FileSink {
  const file = new AppendFile(path, {
    accepts: (firstLine, complete) =>
      checkFirstLine(path, { firstLine, complete, machineId: run.machineId }),
  });
  if (file.cutBytes > 0)
    report(`${path}: cut off a torn last line of ${countOf(file.cutBytes, "byte")}`);
  let encode = createSampleEncoder(layout);
  const before = new RecordsBefore();
  const lost = new LostSamples(path === "-" ? "standard output" : path, report);
  const end = (): void => {
    try {
      if (!before.isEmpty) file.append(before.render());
    } catch (error) {
      if (!file.canRetry(error)) throw error;
    } finally {
      file.close();
    }
    lost.tellEnd();
  };

  const kind = file.continues ? "restart" : "header";
  const header = createRunHeader({ ...run, devices: layout.devices });
  try {
    file.append(Buffer.from(renderRecord({ kind, header })));
  } catch (error) {
    file.close();
    throw error;
  }

  return {
    get bytes() {
      return file.bytes;
    },
    tick: (tick) => before.addTick(tick),
    layout(next) {
      encode = createSampleEncoder(next);
      before.devices = next.devices;
      header.devices = next.devices;
    },
    interval(intervalMs) {
      header.intervalMs = intervalMs;
      before.restart = header;
    },
    status: (timeMs, change) => before.addStatus(timeMs, change),
    statistics: (statistics) => before.setStatistics(statistics),
    processes: (processes) => before.setProcesses(processes),
    sample(sample) {
      try {
        const line = encode(sample);
        file.append(before.isEmpty ? line : Buffer.concat([before.render(sample.timeMs), line]));
      } catch (error) {
        if (!file.canRetry(error)) throw error;
        lost.add(error, sample.monotonicUs);
        before.loseSample(sample.timeMs);
        return;
      }
      before.clear();
      lost.end();
    },
    describe: () => ({ kind: "capture", path, bytes: file.bytes, lost_samples: lost.count }),
    end,
    async close() {
      try {
        await file.drain();
      } finally {
        end();
      }
    },
  };
}

/** What has to be said before the next sample. However long there is no room for one, it does not grow. */
class RecordsBefore {
  devices: Devices | null = null;
  /** Says the devices, too. */
  restart: RunHeader | null = null;
  private missed = { timeMs: 0, ticks: 0 };
  private clock = { timeMs: 0, stepMs: 0 };
  private readonly statuses = new Map<string, { timeMs: number; status: StatusChange }>();
  private statistics: Statistics | null = null;
  private processes: TopProcesses | null = null;
  /** Those that the file has; replaced with the layout only. */
  private columns: readonly string[] | null = null;

  get isEmpty(): boolean {
    return (
      this.devices === null &&
      this.restart === null &&
      this.missed.ticks === 0 &&
      this.clock.stepMs === 0 &&
      this.statuses.size === 0 &&
      this.statistics === null &&
      this.processes === null
    );
  }

  addTick({ timeMs, missedTicks, clockStepMs }: Tick): void {
    if (clockStepMs !== 0) this.clock = { timeMs, stepMs: this.clock.stepMs + clockStepMs };
    if (missedTicks > 0) this.missed = { timeMs, ticks: this.missed.ticks + missedTicks };
  }

  addStatus(timeMs: number, status: StatusChange): void {
    this.statuses.set(status.source, { timeMs, status });
  }

  setStatistics(statistics: Statistics): void {
    this.statistics = statistics;
  }

  setProcesses(processes: TopProcesses): void {
    this.processes = processes;
  }

  loseSample(timeMs: number): void {
    this.missed = { timeMs, ticks: this.missed.ticks + 1 };
    this.statistics = null;
    this.processes = null;
  }

  /** Of a sample of this time. */
  render(timeMs = this.missed.timeMs): Buffer {
    const { clock, missed, restart, devices, statistics, columns } = this;
    const records: CaptureRecord[] = [];
    if (clock.stepMs !== 0) records.push({ kind: "clock", ...clock });
    if (missed.ticks > 0) {
      records.push({ kind: "gap", timeMs, missedTicks: missed.ticks });
    }
    for (const status of this.statuses.values()) records.push({ kind: "status", ...status });
    if (restart !== null) records.push({ kind: "restart", header: restart });
    else if (devices !== null) records.push({ kind: "devices", devices });
    if (statistics !== null) {
      if (statistics.columns !== columns) {
        records.push({ kind: "columns", columns: statistics.columns });
      }
      records.push({ kind: "statistics", statistics });
    }
    if (this.processes !== null) records.push({ kind: "processes", processes: this.processes });
    return Buffer.from(records.map(renderRecord).join(""));
  }

  /** All of it stands in the file. */
  clear(): void {
    this.devices = null;
    this.restart = null;
    this.missed.ticks = 0;
    this.clock.stepMs = 0;
    this.statuses.clear();
    if (this.statistics !== null) this.columns = this.statistics.columns;
    this.statistics = null;
    this.processes = null;
  }
}

function checkFirstLine(
  path: string,
  { firstLine, complete, machineId }: { firstLine: string; complete: boolean; machineId: string },
): void {
  // What a killed writer left of its header.
  if (!complete && (firstLine.startsWith(headerStart) || headerStart.startsWith(firstLine))) return;
  const header = parseHeader(firstLine);
  if (header === null) {
    throw new SyntaxError(
      `Cannot append to ${path}: line 1 is no capture's header; give another file, or move this one away`,
    );
  }
  if (header.machineId !== machineId) {
    throw new SyntaxError(
      `Cannot append to ${path}: it holds samples of machine "${header.machineId}", this is "${machineId}"; give another file`,
    );
  }
}

function parseHeader(line: string): RunHeader | null {
  try {
    const record = parseRecord(line);
    return record.kind === "header" ? record.header : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
