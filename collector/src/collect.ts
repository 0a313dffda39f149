// pcc: composes clock, sampler and the places where samples go.
import { openRawWriter } from "./capture/raw-write.ts";
import { isCaptureFolder, openCaptureFolder } from "./capture/rotate.ts";
import { openCaptureWriter, type FileSink, type SampleSink } from "./capture/write.ts";
import { readApiKey } from "./config.ts";
import { ExitError, exitCodes } from "./exit.ts";
import { Recorder } from "./recorder.ts";
import type { Clock } from "./sampling/clock.ts";
import type { DeviceFilters } from "./sampling/devices.ts";
import { readHost, type Host } from "./sampling/host.ts";
import type { Layout } from "./sampling/layout.ts";
import { Sampler } from "./sampling/sampler.ts";
import { createSampleTicks } from "./sampling/ticks.ts";
import { pccProgram, type Settings } from "./settings.ts";

export interface CollectOptions {
  settings: Settings;
  /** Samples to take; infinite: until the signal. */
  count: number;
  version: string;
  clock: Clock;
  /** Ends sampling: one last sample is taken, and what waits is sent. */
  signal: AbortSignal;
  /** For people. */
  report: (message: string) => void;
}

/** @throws ExitError, LockedError, SyntaxError and the system's errors, all naming what cannot be used. */
export async function collect(options: CollectOptions): Promise<void> {
  const { settings, clock, signal } = options;
  const { procfs, frequency: intervalMs, fast: fastMs } = settings;
  checkFast(settings);
  const sampler = new Sampler({ procfs, filters: toFilters(settings) });
  try {
    // The devices stand in a capture's first line, and so have to be known before the first sample.
    const statuses = sampler.read(clock.wallMs(), clock.monotonicUs());
    if (!sampler.hasSources) {
      throw new ExitError(
        exitCodes.noInput,
        `Cannot sample ${procfs}: ${statuses[0]?.error ?? "it holds nothing"}`,
      );
    }
    const host = readHost({ procfs, machineId: settings.machine_id });
    const sinks = await openSinks(sampler, host, options);
    try {
      if (settings.control !== null) {
        sinks.push(await openControl(settings.control, { sampler, host, sinks, options }));
      }
      const recorder = new Recorder(sampler, { sinks, statuses, isFast: fastMs !== null });
      let left = options.count;
      for await (const tick of createSampleTicks(clock, { intervalMs, fastMs, signal })) {
        recorder.take(tick);
        if (tick.tick === null) continue;
        left -= 1;
        if (left <= 0) return;
      }
      recorder.takeLast(clock);
    } finally {
      await closeAll(sinks);
    }
  } finally {
    sampler.close();
  }
}

/** Closes every sink, also where one fails, and then throws its error. */
async function closeAll(sinks: readonly SampleSink[]): Promise<void> {
  const results = await Promise.allSettled(sinks.map((sink) => sink.close()));
  for (const result of results) {
    if (result.status === "rejected") throw result.reason;
  }
}

async function openControl(
  path: string,
  {
    sampler,
    host,
    sinks,
    options: { settings, version, clock, report },
  }: { sampler: Sampler; host: Host; sinks: readonly SampleSink[]; options: CollectOptions },
): Promise<SampleSink> {
  const { openPccControl } = await import("./control/pcc-control.ts");
  const { name, machineId, bootId } = host;
  return await openPccControl(path, {
    run: { machineId, host: name, bootId, intervalMs: settings.frequency },
    layout: sampler.layout,
    version,
    clock,
    sinks: [...sinks],
    report,
  });
}

async function openSinks(
  sampler: Sampler,
  host: Host,
  options: CollectOptions,
): Promise<SampleSink[]> {
  const { settings, report } = options;
  const path = settings.collection ?? (settings.mode === "local" ? "-" : null);
  const sinks: SampleSink[] = [];
  const places: string[] = [];
  try {
    if (settings.mode === "trickle") {
      sinks.push(await openTrickle(sampler, host, options));
      places.push(settings.portal?.origin ?? "");
    }
    if (path !== null) {
      sinks.push(openCollection(path, sampler, host, options));
      places.push(path === "-" ? "standard output" : path);
    }
  } catch (error) {
    await closeAll(sinks);
    throw error;
  }
  const { cpu, disk, interface: interfaces } = sampler.layout.devices;
  const devices = [
    count(cpu.filter((name) => name !== "cpu").length, "CPU"),
    count(disk.length, "disk"),
    count(interfaces.length, "interface"),
  ].join(", ");
  report(
    `sampling ${host.machineId} (${devices}) every ${settings.frequency / 1000} s into ${places.join(" and ")}`,
  );
  return sinks;
}

function openCollection(
  path: string,
  sampler: Sampler,
  host: Host,
  { settings, version, clock, report }: CollectOptions,
): SampleSink {
  const openFile = (file: string, layout: Layout): FileSink =>
    settings.format === "raw"
      ? openRawWriter(file, { procfs: settings.procfs, report })
      : openCaptureWriter(file, {
          run: {
            pccVersion: version,
            host: host.name,
            machineId: host.machineId,
            bootId: host.bootId,
            intervalMs: settings.frequency,
          },
          layout,
          report,
        });
  if (!isCaptureFolder(path)) return openFile(path, sampler.layout);
  return openCaptureFolder(path, {
    machineId: host.machineId,
    layout: sampler.layout,
    rotation: {
      daily: settings.rotate === "day",
      rotateBytes: settings.rotate_size,
      keepDays: settings.keep_days,
      keepBytes: settings.keep_size,
    },
    timeMs: clock.wallMs(),
    openFile,
    report,
  });
}

async function openTrickle(
  sampler: Sampler,
  host: Host,
  { settings, clock, report }: CollectOptions,
): Promise<SampleSink> {
  const { portal } = settings;
  if (portal === null) {
    throw new ExitError(
      exitCodes.config,
      "Cannot send to the portal: its address is not set; give --portal, or set PCC_PORTAL",
    );
  }
  const readKey = (): string => readApiKey(pccProgram, settings.api_key_file);
  // Before anything is opened: there has to be one.
  readKey();
  if (portal.protocol === "http:" && !isLoopback(portal.hostname)) {
    report(`the key and the samples go to ${portal.origin} unencrypted: use https`);
  }
  // Loaded only in this mode: they are more than the rest of the program.
  const { createHttpClient } = await import("./upload/http.ts");
  const { StreamSender } = await import("./upload/stream.ts");
  const { openStores } = await import("./upload/stores.ts");
  const { createTrickle } = await import("./upload/trickle.ts");
  const stores = openStores({
    folder: settings.spool,
    maxBytes: settings.spool_size,
    bootId: host.bootId,
    report,
  });
  const sender = new StreamSender({
    client: await createHttpClient(portal.protocol, () => clock.wallMs()),
    portal,
    readApiKey: readKey,
    machineId: host.machineId,
    stores,
    clock,
    random: Math.random,
    report,
  });
  return createTrickle(sender, {
    run: { bootId: host.bootId, intervalMs: settings.frequency },
    layout: sampler.layout,
    stores,
    report,
  });
}

function checkFast({ frequency, fast, mode, collection, format }: Settings): void {
  if (fast === null) return;
  const why =
    fast >= frequency || frequency % fast !== 0
      ? `the frequency of ${frequency} ms is no multiple of it`
      : format === "raw" || (mode === "trickle" && collection === null)
        ? "only a capture of our format has a place for it"
        : null;
  if (why !== null) {
    throw new ExitError(exitCodes.config, `Cannot sample every ${fast} ms (fast): ${why}`);
  }
}

function toFilters(settings: Settings): DeviceFilters {
  return {
    disk: {
      include: settings.include_disk ?? undefined,
      exclude: settings.exclude_disk ?? undefined,
    },
    interface: {
      include: settings.include_interface ?? undefined,
      exclude: settings.exclude_interface ?? undefined,
    },
  };
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function count(number: number, name: string): string {
  return `${number} ${name}${number === 1 ? "" : "s"}`;
}
