import type { Layout, Sample } from "../sampling/layout.ts";
import type { StatusChange } from "../sampling/probe.ts";
import type { Tick } from "../sampling/ticks.ts";
import { AppendFile } from "./append-file.ts";
import { createSampleEncoder } from "./encode.ts";
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
  sample(sample: Sample): void;
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
  run: Omit<RunHeader, "devices" | "sources">;
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
  if (file.cutBytes > 0) report(`${path}: cut off a torn last line of ${file.cutBytes} bytes`);
  let encode = createSampleEncoder(layout);
  let lostSamples = 0;
  /** Records that stand before the next sample. */
  let pending = "";

  const record = (next: CaptureRecord): void => {
    pending += renderRecord(next);
  };
  const appendPending = (): void => {
    file.append(Buffer.from(pending));
    pending = "";
  };

  record({
    kind: file.continues ? "restart" : "header",
    header: createRunHeader({ ...run, devices: layout.devices }),
  });
  try {
    appendPending();
  } catch (error) {
    file.close();
    throw error;
  }

  const end = (): void => {
    try {
      if (pending !== "") appendPending();
    } finally {
      file.close();
    }
  };

  return {
    get bytes() {
      return file.bytes;
    },
    tick({ timeMs, missedTicks, clockStepMs }) {
      if (clockStepMs !== 0) record({ kind: "clock", timeMs, stepMs: clockStepMs });
      if (missedTicks > 0) record({ kind: "gap", timeMs, missedTicks });
    },
    layout(next) {
      encode = createSampleEncoder(next);
      record({ kind: "devices", devices: next.devices });
    },
    status(timeMs, status) {
      record({ kind: "status", timeMs, status });
    },
    sample(sample) {
      try {
        if (pending !== "") appendPending();
        file.append(encode(sample));
      } catch (error) {
        if (!file.regular) throw error;
        if (lostSamples === 0) report(`Cannot write ${path}: ${String(error)}; trying again`);
        lostSamples += 1;
        return;
      }
      if (lostSamples === 0) return;
      report(`${path}: writing again; ${lostSamples} samples were lost`);
      record({ kind: "gap", timeMs: sample.timeMs, missedTicks: lostSamples });
      lostSamples = 0;
    },
    end,
    close: async () => end(),
  };
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
