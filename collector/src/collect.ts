// pcc: composes clock, sampler and the places where samples go.
import { openRawWriter } from "./capture/raw-write.ts";
import type { ContainerIdentity } from "./capture/raw-container.ts";
import { openSinkOnceThereIsRoom } from "./capture/late-sink.ts";
import { isCaptureFolder, openCaptureFolder } from "./capture/rotate.ts";
import { openCaptureWriter, type FileSink, type SampleSink } from "./capture/write.ts";
import { checkNewSettings, checkSettings } from "./check-settings.ts";
import { openSampler, toFilters } from "./open-sampler.ts";
import { Recorder } from "./recorder.ts";
import type { GivenValues } from "./config.ts";
import { countOf } from "./count-of.ts";
import { createStatusReport } from "./status-report.ts";
import { compareSettings, isFilter, renderChange } from "./reload.ts";
import type { Clock } from "./sampling/clock.ts";
import { readHost, type Host } from "./sampling/host.ts";
import { watchInterfaceSpeeds, type SpeedWatch } from "./sampling/interface-speeds.ts";
import type { Layout } from "./sampling/layout.ts";
import { readMachine } from "./sampling/machine.ts";
import { readPageSize } from "./sampling/page-size.ts";
import type { Sampler } from "./sampling/sampler.ts";
import type { SelfCounts } from "./sampling/self-probe.ts";
import { createSampleTicks } from "./sampling/ticks.ts";
import type { ProcessReader } from "./sampling/top-processes.ts";
import type { SettingName, Settings } from "./settings.ts";
import type { Trickle } from "./upload/open.ts";

export interface CollectOptions {
  /** Replaced when they are read anew; whatever is opened later goes by the new ones. */
  settings: Settings;
  /** Those of them that stand on the command line. */
  flags?: GivenValues<SettingName>;
  /** Samples to take; null: as the settings' duration says. */
  count: number | null;
  version: string;
  clock: Clock;
  /** Ends sampling: one last sample is taken, and what waits is sent. */
  signal: AbortSignal;
  /** Called once everything is open, with what takes settings that are read anew or throws what is wrong with them. */
  onReady?: (reload: (settings: Settings) => Promise<void>) => void;
  /** For people. */
  report: (message: string) => void;
}

type SinkOptions = CollectOptions & {
  /** Who a container of the samples is. */
  identify: (container: string) => ContainerIdentity;
  interfaceSpeeds: SpeedWatch["known"];
};

/** @throws ExitError, LockedError, SyntaxError and the system's errors, all naming what cannot be used. */
export async function collect(given: CollectOptions): Promise<void> {
  const options: SinkOptions = {
    ...given,
    identify: (name) => containers.identify(name),
    interfaceSpeeds: () => speeds?.known() ?? {},
  };
  const { clock, signal, count } = options;
  checkSettings(options.settings, options.flags);
  const counts: SelfCounts = { missedTicks: 0, droppedSamples: 0 };
  const first = openSampler(options, counts);
  let { sampler, containers } = first;
  let speeds: SpeedWatch | null = null;
  try {
    const { procfs, rootfs, machine_id: machineId, control } = options.settings;
    const host = readHost({ procfs, rootfs, machineId });
    speeds = await watchInterfaceSpeeds(() => ({
      rootfs: options.settings.rootfs,
      filter: toFilters(options.settings).interface,
    }));
    const { sinks, trickle } = await openSinks(sampler, host, options);
    sinks.push(createStatusReport(options.report));
    try {
      if (control !== null) {
        sinks.push(await openControl(control, { sampler, host, sinks, options }));
      }
      const recorder = new Recorder(sampler, {
        sinks,
        statuses: first.statuses,
        isFast: isFast(options),
        counts,
        processes: await openProcesses(options.settings),
      });
      let left = count ?? countSamples(options.settings);
      /** Of ticks at one interval. */
      let round = new AbortController();
      options.onReady?.(async (settings) => {
        const change = compareSettings(options.settings, settings);
        // Before anything is changed: whatever is wrong shows here.
        checkNewSettings(change.settings);
        const reconnect = await trickle?.prepare(change);
        if (change.changed.some(isFilter)) {
          const next = openSampler({ ...options, settings: change.settings }, counts);
          recorder.setSampler(next.sampler, next.statuses);
          sampler.close();
          ({ sampler, containers } = next);
        }
        const { frequency } = options.settings;
        options.settings = change.settings;
        const hasNewKey = reconnect?.() ?? false;
        if (change.changed.includes("frequency")) {
          if (count === null) left *= frequency / change.settings.frequency;
          for (const sink of sinks) sink.interval?.(change.settings.frequency);
        }
        if (change.changed.includes("frequency") || change.changed.includes("fast")) {
          recorder.setFast(isFast(options));
          round.abort();
        }
        options.report(renderChange(change, { hasNewKey }));
      });
      while (left > 0 && !signal.aborted) {
        round = new AbortController();
        const { frequency: intervalMs, fast: fastMs } = options.settings;
        const ends = AbortSignal.any([signal, round.signal]);
        for await (const tick of createSampleTicks(clock, { intervalMs, fastMs, signal: ends })) {
          recorder.take(tick);
          if (tick.tick !== null) left -= 1;
          if (left <= 0) break;
        }
      }
      if (left > 0) recorder.takeLast(clock);
    } finally {
      await closeAll(sinks);
    }
  } finally {
    speeds?.close();
    sampler.close();
  }
}

/** null where they are not asked for. */
async function openProcesses({
  processes: limit,
  procfs,
}: Settings): Promise<ProcessReader | null> {
  if (limit === 0) return null;
  const { ProcessReader } = await import("./sampling/top-processes.ts");
  return new ProcessReader({ procfs, limit, pageBytes: readPageSize() });
}

function countSamples({ duration, frequency }: Settings): number {
  return Math.max(1, Math.floor(duration / frequency));
}

function isFast({ settings }: CollectOptions): boolean {
  return settings.fast !== null;
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
  options: SinkOptions,
): Promise<{ sinks: SampleSink[]; trickle: Trickle | null }> {
  const { settings, report } = options;
  const path = settings.collection ?? (settings.mode === "local" ? "-" : null);
  const sinks: SampleSink[] = [];
  let trickle: Trickle | null = null;
  const places: string[] = [];
  try {
    if (settings.mode === "trickle") {
      // Loaded only in this mode: it is more than the rest of the program.
      const { openTrickle } = await import("./upload/open.ts");
      trickle = await openTrickle(sampler.layout, host, options);
      sinks.push(trickle.sink);
      places.push(settings.portal?.href.replace(/\/$/, "") ?? "");
    }
    if (path !== null) {
      const { layout } = sampler;
      const open = (now: Layout): SampleSink => openCollection(path, now, host, options);
      sinks.push(openSinkOnceThereIsRoom(path, { layout, open, report }));
      places.push(path === "-" ? "standard output" : path);
    }
  } catch (error) {
    await closeAll(sinks);
    throw error;
  }
  const { cpu, disk, interface: interfaces, mount, container } = sampler.layout.devices;
  const devices = [
    countOf(cpu.filter((name) => name !== "cpu").length, "CPU"),
    countOf(disk.length, "disk"),
    countOf(interfaces.length, "interface"),
    countOf(mount.length, "file system"),
    ...(container.length === 0 ? [] : [countOf(container.length, "container")]),
  ].join(", ");
  report(
    `sampling ${host.machineId} (${devices}) every ${settings.frequency / 1000} s into ${places.join(" and ")}`,
  );
  return { sinks, trickle };
}

function openCollection(
  path: string,
  layout: Layout,
  host: Host,
  options: SinkOptions,
): SampleSink {
  const { version, clock, identify, report } = options;
  const openFile = (file: string, now: Layout): FileSink =>
    options.settings.format === "raw"
      ? openRawWriter(file, {
          procfs: options.settings.procfs,
          layout: now,
          identify,
          report,
        })
      : openCaptureWriter(file, {
          run: {
            pccVersion: version,
            host: host.name,
            machineId: host.machineId,
            bootId: host.bootId,
            intervalMs: options.settings.frequency,
            machine: readMachine({
              ...options.settings,
              interfaceSpeeds: options.interfaceSpeeds(),
            }),
          },
          layout: now,
          report,
        });
  if (!isCaptureFolder(path)) return openFile(path, layout);
  return openCaptureFolder(path, {
    machineId: host.machineId,
    layout,
    rotation: () => ({
      daily: options.settings.rotate === "day",
      rotateBytes: options.settings.rotate_size,
      keepDays: options.settings.keep_days,
      keepBytes: options.settings.keep_size,
    }),
    timeMs: clock.wallMs(),
    openFile,
    report,
  });
}
