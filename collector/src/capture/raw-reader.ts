import { parseCpuinfo } from "../procfs/cpuinfo.ts";
import { ByteText } from "../procfs/in-place/byte-text.ts";
import { listDevices, selectDevices } from "../sampling/devices.ts";
import { createFileParsers, type FileParser } from "../sampling/file-parsers.ts";
import {
  clearSource,
  createLayout,
  moveValues,
  noDevices,
  offsetOf,
  sameDevices,
  sources,
  type Devices,
  type Layout,
  type SourceName,
} from "../sampling/layout.ts";
import {
  fillValues,
  kernelFiles,
  listKernelFiles,
  type KernelFile,
  type Reading,
} from "../sampling/readings.ts";
import { isJson } from "./json.ts";
import { parseRawContainer, toContainerDevice } from "./raw-container.ts";
import { parseMounts, parseRawRecord, toMountDevice, type Mount } from "./raw-format.ts";
import { RawLine } from "./raw-line.ts";
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

/** Files whose devices, or names of fields, are taken from a text that the plain parser has read. */
const filesWithKnownTexts = new Set<string>(["diskstats", "net/dev", "net/snmp", "net/netstat"]);
/** Files that have devices in them. */
const filesWithDevices = new Set<string>(["stat", "diskstats", "net/dev"]);
/** Texts that are none for the parsers in place make a file a matter of the plain parser, after so many in a row. */
const maxMisses = 8;
const textCapacity = 64 * 1024;

type ContainerRow = ReturnType<typeof parseRawContainer>["fields"];

export function createRawReader({
  visitor,
  filters = {},
  devicesOnly = false,
  summary,
}: ReadOptions & { summary: CaptureSummary }): FormatReader {
  let tick: Tick | null = null;
  let layout: Layout | null = null;
  let values: Float64Array = new Float64Array(0);
  let listed: Devices = noDevices;
  /** Sources of which no line has come yet. */
  const absent = new Set<SourceName>(sources.map(({ name }) => name));
  let beforeS = Number.NaN;
  const identified = new Set<string>();

  const rawLine = new RawLine(listKernelFiles().map((file) => `/proc/${file}`));
  const text = new ByteText(textCapacity);
  const knownTexts = new Map<KernelFile, string>();
  /** Of the layout and the known texts; null where they are to be made anew. */
  let parsers: Map<KernelFile, FileParser> | null = null;
  const misses = new Map<KernelFile, number>();

  return {
    line(bytes, start, end) {
      if (!readInPlace(bytes, start, end)) readLine(bytes.toString("utf8", start, end));
    },
    acceptsTail: isJson,
    end: flush,
  };

  /** Whether the line is one of a kernel file as it was before, with other numbers: then they are among the values. */
  function readInPlace(bytes: Buffer, start: number, end: number): boolean {
    if (layout === null || !rawLine.read(bytes, start, end)) return false;
    const subsystem = rawLine.findName();
    const file = subsystem === null ? null : toKernelFile(subsystem);
    if (subsystem === null || file === null) return false;
    if (devicesOnly && !filesWithDevices.has(file)) {
      startTick(rawLine.timestampS, subsystem);
      return true;
    }
    const missed = misses.get(file) ?? 0;
    if (missed >= maxMisses || !rawLine.copyMeasurement(text)) return false;
    startTick(rawLine.timestampS, subsystem);
    parsers ??= createFileParsers(layout, knownTexts);
    if (parsers.get(file)?.(text, values) === true) {
      if (missed > 0) misses.set(file, 0);
      return true;
    }
    misses.set(file, missed + 1);
    for (const source of sources) {
      if (source.name === file || (file === "stat" && source.name === "cpu")) {
        clearSource(values, layout, source);
      }
    }
    tick?.subsystems.delete(subsystem);
    return false;
  }

  function readLine(line: string): void {
    const { timestampS, subsystem, measurement } = parseRawRecord(line);
    const used = startTick(timestampS, subsystem);
    const file = toKernelFile(subsystem);
    const container = toContainerDevice(subsystem);
    if (file !== null) {
      used.readings.push(...kernelFiles[file](measurement));
      if (filesWithKnownTexts.has(file) && knownTexts.get(file) !== measurement) {
        knownTexts.set(file, measurement);
        parsers = null;
      }
    } else if (subsystem === "statfs[*]") used.mounts = parseMounts(measurement);
    else if (subsystem === "/proc/cpuinfo") visitor.cpuInfo?.(parseCpuinfo(measurement));
    else if (container !== null) {
      used.containers.set(container, readContainer(container, measurement));
    } else summary.skipped[subsystem] = (summary.skipped[subsystem] ?? 0) + 1;
  }

  /** The tick that the line belongs to; the one before is done when another begins. */
  function startTick(timestampS: number, subsystem: string): Tick {
    if (tick === null || tick.timestampS !== timestampS || tick.subsystems.has(subsystem)) {
      flush();
      values.fill(Number.NaN);
      tick = {
        timestampS,
        subsystems: new Set(),
        readings: [],
        mounts: null,
        containers: new Map(),
      };
    }
    tick.subsystems.add(subsystem);
    return tick;
  }

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
    const brings = readings.filter(({ source }) => absent.has(source));
    if (layout !== null && brings.length === 0 && sameDevices(names, listed)) return layout;
    listed = names;
    for (const { source } of brings) absent.delete(source);
    const devices = selectDevices(names, filters);
    if (layout !== null && brings.length === 0 && sameDevices(devices, layout.devices))
      return layout;
    const next = createLayout(devices, new Set(absent));
    values =
      layout === null
        ? new Float64Array(next.size).fill(Number.NaN)
        : moveValues(values, layout, next);
    layout = next;
    parsers = null;
    visitor.layout(next);
    return next;
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
