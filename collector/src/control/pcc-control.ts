// What pcc tells over its control socket.
import type { Run } from "../capture/intervals.ts";
import { Rows } from "../capture/rows.ts";
import type { SampleSink } from "../capture/write.ts";
import { messageOf } from "../message-of.ts";
import type { Clock } from "../sampling/clock.ts";
import type { Layout } from "../sampling/layout.ts";
import { openControlServer, type ControlServer } from "./server.ts";

export interface PccControlOptions {
  run: Run & { machineId: string; host: string };
  layout: Layout;
  version: string;
  clock: Clock;
  /** Where the samples go. */
  sinks: readonly SampleSink[];
  report: (message: string) => void;
}

type Send = (sample: object) => void;

/**
 * A sink that remembers what it is asked for, and makes rows of metrics only while somebody watches. Where the socket cannot be
 * had, pcc goes on without it: samples matter more.
 */
export async function openPccControl(
  path: string,
  options: PccControlOptions,
): Promise<SampleSink> {
  const { version, clock, sinks, report } = options;
  const run = { ...options.run };
  const startedUs = clock.monotonicUs();
  const failedSources = new Map<string, string>();
  const watchers = new Set<Send>();
  let { layout } = options;
  let samples = 0;
  let missedTicks = 0;
  let lastSampleMs: number | null = null;
  /** null: nobody watches. */
  let rows: Rows | null = null;

  const status = (): object => ({
    program: "pcc",
    version,
    pid: process.pid,
    uptime_seconds: Math.round((clock.monotonicUs() - startedUs) / 1e6),
    machine_id: run.machineId,
    host: run.host,
    interval_ms: run.intervalMs,
    devices: Object.fromEntries(
      Object.entries(layout.devices).map(([kind, names]) => [kind, names.length]),
    ),
    samples,
    missed_ticks: missedTicks,
    last_sample: toTime(lastSampleMs),
    failed_sources: Object.fromEntries(failedSources),
    sinks: sinks.flatMap((sink) => sink.describe?.() ?? []),
  });
  const tail = (send: Send): (() => void) => {
    watchers.add(send);
    rows ??= startRows(run, layout);
    return () => {
      watchers.delete(send);
      if (watchers.size === 0) rows = null;
    };
  };

  let server: ControlServer | null = null;
  try {
    server = await openControlServer(path, { status, tail });
  } catch (error) {
    report(`${messageOf(error)}; going on without pcctl`);
  }
  return {
    tick(tick) {
      missedTicks += tick.missedTicks;
      if (tick.clockStepMs < 0) rows?.allowEarlierTime();
    },
    layout(next) {
      layout = next;
      rows?.setLayout(next);
    },
    interval(intervalMs) {
      run.intervalMs = intervalMs;
    },
    status(_timeMs, { source, error }) {
      if (error === null) failedSources.delete(source);
      else failedSources.set(source, error);
    },
    sample(sample) {
      samples += 1;
      lastSampleMs = sample.timeMs;
      // Rates need two samples: who watches gets the second first.
      if (rows === null || !rows.add(sample) || Number.isNaN(rows.elapsedS)) return;
      const line = toObject(run.machineId, rows);
      for (const send of watchers) send(line);
    },
    async close() {
      await server?.close();
    },
  };
}

function startRows(run: Run, layout: Layout): Rows {
  const rows = new Rows();
  rows.startRun(run);
  rows.setLayout(layout);
  return rows;
}

/** The row by the names of the CSV standard; null is a gap. */
function toObject(machineId: string, { timestampS, columns, values }: Rows): object {
  const sample: Record<string, number | string | null> = {
    timestamp: timestampS,
    machine_id: machineId,
  };
  for (const [index, column] of columns.entries()) {
    const value = values[index] ?? Number.NaN;
    sample[column] = Number.isNaN(value) ? null : value;
  }
  return sample;
}

function toTime(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
