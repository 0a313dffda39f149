// A capture that cannot be begun because the disk is full: no reason not to sample, and to write as soon as there is room.
import { countThat } from "../count-of.ts";
import { ExitError, exitCodes } from "../exit.ts";
import type { Layout } from "../sampling/layout.ts";
import type { StatusChange } from "../sampling/probe.ts";
import type { Tick } from "../sampling/ticks.ts";
import type { SampleSink } from "./write.ts";

interface LateSinkOptions {
  layout: Layout;
  open: (layout: Layout) => SampleSink;
  /** For people. */
  report: (message: string) => void;
}

/**
 * What `open` answers; while the disk is full it is asked again with each sample, and the samples until then are counted as missed.
 * @throws whatever else `open` throws.
 */
export function openSinkOnceThereIsRoom(path: string, options: LateSinkOptions): SampleSink {
  try {
    return options.open(options.layout);
  } catch (error) {
    if (!isFull(error)) throw error;
    options.report(`Cannot begin ${path}: ${error.message}; trying again with each sample`);
    return new LateSink(path, options, error);
  }
}

class LateSink implements SampleSink {
  private readonly path: string;
  private readonly options: LateSinkOptions;
  private sink: SampleSink | null = null;
  /** Why there is none. */
  private error: Error;
  /** As it is now: the capture begins with it. */
  private current: Layout;
  private readonly failing = new Map<string, StatusChange>();
  private lostSamples = 0;
  private missedTicks = 0;

  constructor(path: string, options: LateSinkOptions, error: Error) {
    this.path = path;
    this.options = options;
    this.current = options.layout;
    this.error = error;
  }

  tick(tick: Tick): void {
    this.sink ??= this.begin(tick);
    if (this.sink === null) {
      this.lostSamples += 1;
      this.missedTicks += 1 + tick.missedTicks;
      return;
    }
    this.sink.tick({ ...tick, missedTicks: tick.missedTicks + this.missedTicks });
    this.missedTicks = 0;
  }

  layout(next: Layout): void {
    this.current = next;
    this.sink?.layout(next);
  }

  status(timeMs: number, change: StatusChange): void {
    if (change.error === null) this.failing.delete(change.source);
    else this.failing.set(change.source, change);
    this.sink?.status(timeMs, change);
  }

  interval(intervalMs: number): void {
    this.sink?.interval?.(intervalMs);
  }

  statistics(...given: Parameters<NonNullable<SampleSink["statistics"]>>): void {
    this.sink?.statistics?.(...given);
  }

  processes(...given: Parameters<NonNullable<SampleSink["processes"]>>): void {
    this.sink?.processes?.(...given);
  }

  sample(...given: Parameters<SampleSink["sample"]>): void {
    this.sink?.sample(...given);
  }

  describe(): object {
    const { path, lostSamples } = this;
    if (this.sink !== null) return this.sink.describe?.() ?? {};
    return { kind: "capture", path, bytes: 0, lost_samples: lostSamples };
  }

  async close(): Promise<void> {
    if (this.sink !== null) {
      await this.sink.close();
      return;
    }
    const lost =
      this.lostSamples === 1
        ? "the only sample was"
        : `all ${countThat(this.lostSamples, "sample")}`;
    throw new ExitError(
      exitCodes.cannotWrite,
      `Cannot begin ${this.path}: ${this.error.message}; ${lost} lost`,
    );
  }

  /** null while there is no room. */
  private begin({ timeMs }: Tick): SampleSink | null {
    const { open, report } = this.options;
    try {
      const sink = open(this.current);
      for (const change of this.failing.values()) sink.status(timeMs, change);
      report(`${this.path}: begun; ${countThat(this.lostSamples, "sample")} lost`);
      return sink;
    } catch (error) {
      if (!isFull(error)) throw error;
      this.error = error;
      return null;
    }
  }
}

function isFull(error: unknown): error is Error {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return code === "ENOSPC" || code === "EDQUOT";
}
