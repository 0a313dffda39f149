// What a sample holds, and where: all raw values of a sample lie in one Float64Array, NaN where nothing was measured.
import { containerFields } from "../cgroup/container-fields.ts";
import { diskstatsFields } from "../procfs/diskstats.ts";
import { loadavgFields } from "../procfs/loadavg.ts";
import { meminfoFields } from "../procfs/meminfo.ts";
import { netDevFields } from "../procfs/net-dev.ts";
import { netstatFields } from "../procfs/netstat.ts";
import { pressureFields } from "../procfs/pressure.ts";
import { snmpFields } from "../procfs/snmp.ts";
import { sockstatFields } from "../procfs/sockstat.ts";
import { cpuFields, statFields } from "../procfs/stat.ts";
import { vmstatFields } from "../procfs/vmstat.ts";
import { mountFields } from "./mounts.ts";
import { selfFields } from "./self-probe.ts";

export const deviceKinds = ["cpu", "disk", "interface", "mount", "container"] as const;
export type DeviceKind = (typeof deviceKinds)[number];

/**
 * Names of the devices of a sample, in the kernel's order; each is a device name of the CSV standard, but those of CPUs. `cpu`
 * holds `cpu` (all of them), `cpu0`, …
 */
export type Devices = Record<DeviceKind, readonly string[]>;

export const noDevices: Devices = { cpu: [], disk: [], interface: [], mount: [], container: [] };

export interface Source {
  /** The file's path under /proc, or what else is read; `cpu` for the lines of /proc/stat that exist once per CPU. */
  name: string;
  /** What its fields exist once for; null for the machine as a whole. */
  per: DeviceKind | null;
  fields: readonly string[];
}

/** Every source of a sample, in the order in which values and captures hold them. */
export const sources = [
  { name: "stat", per: null, fields: statFields },
  { name: "cpu", per: "cpu", fields: cpuFields },
  { name: "loadavg", per: null, fields: loadavgFields },
  { name: "meminfo", per: null, fields: meminfoFields },
  { name: "vmstat", per: null, fields: vmstatFields },
  { name: "pressure/cpu", per: null, fields: pressureFields },
  { name: "pressure/io", per: null, fields: pressureFields },
  { name: "pressure/memory", per: null, fields: pressureFields },
  { name: "diskstats", per: "disk", fields: diskstatsFields },
  { name: "net/dev", per: "interface", fields: netDevFields },
  { name: "net/snmp", per: null, fields: snmpFields },
  { name: "net/netstat", per: null, fields: netstatFields },
  { name: "net/sockstat", per: null, fields: sockstatFields },
  { name: "mounts", per: "mount", fields: mountFields },
  { name: "containers", per: "container", fields: containerFields },
  { name: "self", per: null, fields: selfFields },
] as const satisfies readonly Source[];

export type SourceName = (typeof sources)[number]["name"];

export interface Layout {
  devices: Devices;
  /** Index of a source's first value. */
  offsets: ReadonlyMap<SourceName, number>;
  /** Number of values of a sample. */
  size: number;
  /** Sources that nobody sampled, as in captures of earlier versions: all their values are NaN. */
  absent: ReadonlySet<SourceName>;
}

export interface Sample {
  /** Wall clock in Unix milliseconds. */
  timeMs: number;
  /** A clock that nobody sets, in microseconds; only differences within one boot mean something. */
  monotonicUs: number;
  /** As the layout says. */
  values: Float64Array;
}

export function createLayout(
  devices: Devices,
  absent: ReadonlySet<SourceName> = new Set(),
): Layout {
  const offsets = new Map<SourceName, number>();
  let size = 0;
  for (const source of sources) {
    offsets.set(source.name, size);
    size += source.fields.length * rowCount(source, devices);
  }
  return { devices, offsets, size, absent };
}

/** How many rows of fields a source has. */
export function rowCount(source: Source, devices: Devices): number {
  return source.per === null ? 1 : devices[source.per].length;
}

export function offsetOf({ offsets }: Layout, source: SourceName): number {
  const offset = offsets.get(source);
  if (offset === undefined) throw new RangeError(`Cannot find source "${source}" in the layout`);
  return offset;
}

/** Sets all values of a source to NaN. */
export function clearSource(values: Float64Array, layout: Layout, source: Source): void {
  // Every source's name is in the list that the type is made from.
  const offset = offsetOf(layout, source.name as SourceName);
  values.fill(Number.NaN, offset, offset + source.fields.length * rowCount(source, layout.devices));
}

/** The same values where another layout wants them; what it has in addition is NaN. */
export function moveValues(values: Float64Array, from: Layout, to: Layout): Float64Array {
  const moved = new Float64Array(to.size).fill(Number.NaN);
  for (const source of sources) {
    const fromOffset = offsetOf(from, source.name);
    const toOffset = offsetOf(to, source.name);
    const length = source.fields.length;
    const names = source.per === null ? [""] : to.devices[source.per];
    for (const [row, name] of names.entries()) {
      const fromRow = source.per === null ? 0 : from.devices[source.per].indexOf(name);
      if (fromRow === -1) continue;
      const at = fromOffset + fromRow * length;
      moved.set(values.subarray(at, at + length), toOffset + row * length);
    }
  }
  return moved;
}

export function sameDevices(left: Devices, right: Devices): boolean {
  return deviceKinds.every(
    (kind) =>
      left[kind].length === right[kind].length &&
      left[kind].every((name, index) => right[kind][index] === name),
  );
}
