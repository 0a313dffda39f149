import { isJson } from "./json.ts";
import { parseCpuinfo } from "../procfs/cpuinfo.ts";
import { listDevices, selectDevices } from "../sampling/devices.ts";
import {
  createLayout,
  noDevices,
  offsetOf,
  sameDevices,
  sources,
  type Devices,
  type Layout,
} from "../sampling/layout.ts";
import { fillValues, kernelFiles, type KernelFile, type Reading } from "../sampling/readings.ts";
import { parseRawContainer, toContainerDevice } from "./raw-container.ts";
import { parseMounts, parseRawRecord, toMountDevice, type Mount } from "./raw-format.ts";
import type { CaptureSummary, FormatReader, ReadOptions } from "./read.ts";

/** Everything with one timestamp. */
interface Tick {
  timestampS: number;
  /** Subsystems seen: the same one again starts another tick. */
  subsystems: Set<string>;
  readings: Reading[];
  mounts: Mount[] | null;
  /** By the names that columns have of them. */
  containers: Map<string, ContainerRow>;
}

type ContainerRow = ReturnType<typeof parseRawContainer>["fields"];

export function createRawReader({
  visitor,
  filters = {},
  summary,
}: ReadOptions & { summary: CaptureSummary }): FormatReader {
  let tick: Tick | null = null;
  let layout: Layout | null = null;
  let values = new Float64Array(0);
  let listed: Devices = noDevices;
  let beforeS = Number.NaN;
  const identified = new Set<string>();

  return {
    line(bytes, start, end) {
      const { timestampS, subsystem, measurement } = parseRawRecord(
        bytes.toString("utf8", start, end),
      );
      if (tick === null || tick.timestampS !== timestampS || tick.subsystems.has(subsystem)) {
        flush();
        tick = {
          timestampS,
          subsystems: new Set(),
          readings: [],
          mounts: null,
          containers: new Map(),
        };
      }
      tick.subsystems.add(subsystem);
      const file = toKernelFile(subsystem);
      const container = toContainerDevice(subsystem);
      if (file !== null) tick.readings.push(...kernelFiles[file](measurement));
      else if (subsystem === "statfs[*]") tick.mounts = parseMounts(measurement);
      else if (subsystem === "/proc/cpuinfo") visitor.cpuInfo?.(parseCpuinfo(measurement));
      else if (container !== null)
        tick.containers.set(container, readContainer(container, measurement));
      else summary.skipped[subsystem] = (summary.skipped[subsystem] ?? 0) + 1;
    },
    acceptsTail: isJson,
    end: flush,
  };

  function readContainer(device: string, measurement: string): ContainerRow {
    const { fields, id, name, runtime } = parseRawContainer(measurement);
    if (!identified.has(device)) {
      identified.add(device);
      visitor.container?.(device, { id: id === "" ? device : id, name, runtime });
    }
    return fields;
  }

  function flush(): void {
    if (tick === null) return;
    tick.readings.push(...listOtherReadings(tick));
    if (layout === null) visitor.run({ machineId: null, bootId: null, intervalMs: null });
    const used = updateLayout(tick.readings);
    values.fill(Number.NaN);
    for (const reading of tick.readings) fillValues(values, used, reading);
    noticeBoot(used);
    beforeS = tick.timestampS;
    summary.samples += 1;
    const timeMs = tick.timestampS * 1000;
    visitor.sample({ timeMs, monotonicUs: timeMs * 1000, values });
    if (tick.mounts !== null) visitor.mounts?.(timeMs, tick.mounts);
  }

  function updateLayout(readings: readonly Reading[]): Layout {
    const names = listDevices(readings, listed);
    if (layout !== null && sameDevices(names, listed)) return layout;
    listed = names;
    const devices = selectDevices(names, filters);
    if (layout !== null && sameDevices(devices, layout.devices)) return layout;
    layout = createLayout(devices);
    values = new Float64Array(layout.size);
    visitor.layout(layout);
    return layout;
  }

  /** A machine that booted after the sample before counts from zero, whatever its counters say. */
  function noticeBoot(used: Layout): void {
    const bootedS = values[offsetOf(used, "stat") + bootTimeField] ?? Number.NaN;
    if (!(bootedS > beforeS)) return;
    summary.restarts += 1;
    visitor.run({ machineId: null, bootId: null, intervalMs: null });
  }
}

/** What is not of /proc. */
function listOtherReadings({ mounts, containers }: Tick): Reading[] {
  const readings: Reading[] = [];
  if (mounts !== null) {
    const rows = new Map(mounts.map((mount) => [toMountDevice(mount.path), toMountFields(mount)]));
    readings.push({ source: "mounts", per: "mount", rows });
  }
  if (containers.size > 0) {
    // perfcollector2 gives them in another order each time.
    const rows = new Map([...containers].toSorted(([left], [right]) => (left < right ? -1 : 1)));
    readings.push({ source: "containers", per: "container", rows });
  }
  return readings;
}

function toMountFields({ blockSizeBytes, blocksTotal, blocksFree, blocksAvailable }: Mount) {
  return {
    block_bytes: blockSizeBytes,
    blocks: blocksTotal,
    blocks_free: blocksFree,
    blocks_available: blocksAvailable,
  };
}

const bootTimeField = sources[0].fields.indexOf("btime");

function toKernelFile(subsystem: string): KernelFile | null {
  const path = subsystem.startsWith("/proc/") ? subsystem.slice("/proc/".length) : "";
  // A key of kernelFiles is a KernelFile by definition.
  return Object.hasOwn(kernelFiles, path) ? (path as KernelFile) : null;
}
