// Which disks and interfaces are worth a sample's bytes.
import { isDeviceName } from "@perfanalysis/contract/columns";
import type { DeviceKind, Devices } from "./layout.ts";
import type { Reading } from "./readings.ts";

export interface DeviceFilter {
  /** Where given, only devices that match are kept, also of the kinds that are left out otherwise. */
  include?: RegExp | undefined;
  /** Devices that match are left out. */
  exclude?: RegExp | undefined;
}

export interface DeviceFilters {
  disk?: DeviceFilter;
  interface?: DeviceFilter;
  mount?: DeviceFilter;
  container?: DeviceFilter;
}

/** Keeps everything that the kernel lists. */
export const everyDevice: DeviceFilters = {
  disk: { include: /^/ },
  interface: { include: /^/ },
  mount: { include: /^/ },
  container: { include: /^/ },
};

/** Names of all devices; those of a kind that the tick has no file of are the ones before. */
export function listDevices(readings: readonly Reading[], before: Devices): Devices {
  const list = (kind: DeviceKind): readonly string[] => {
    const reading = readings.find(({ per }) => per === kind);
    return reading === undefined || reading.per === null
      ? before[kind]
      : Array.from(reading.rows.keys());
  };
  return {
    cpu: list("cpu"),
    disk: list("disk"),
    interface: list("interface"),
    mount: list("mount"),
    container: list("container"),
  };
}

export function selectDevices(names: Devices, filters: DeviceFilters): Devices {
  return {
    cpu: names.cpu,
    disk: selectDisks(names.disk, filters.disk),
    interface: selectInterfaces(names.interface, filters.interface),
    mount: selectNames(names.mount, filters.mount),
    container: selectNames(names.container, filters.container),
  };
}

/** Leaves out loop and RAM devices and partitions, whose requests are counted at their disk, unless included by name. */
function selectDisks(names: readonly string[], filter: DeviceFilter = {}): string[] {
  const all = new Set(names);
  return selectNames(
    names,
    filter,
    (name) => /^(?:loop|z?ram)\d+/.test(name) || isPartition(name, all),
  );
}

/** Leaves out the host's ends of containers' interfaces unless included by name. */
export function selectInterfaces(names: readonly string[], filter: DeviceFilter = {}): string[] {
  return selectNames(names, filter, (name) => name.startsWith("veth"));
}

/** Keeps the names that the filter lets through; `leftOut` tells what has to be included by name. */
export function selectNames(
  names: readonly string[],
  { include, exclude }: DeviceFilter = {},
  leftOut: (name: string) => boolean = () => false,
): string[] {
  return names.filter((name) => {
    // The kernel lets an interface's name hold nearly any byte, a column's name not.
    if (!isDeviceName(name)) return false;
    if (exclude?.test(name) === true) return false;
    return include === undefined ? !leftOut(name) : include.test(name);
  });
}

/** sda1 is a partition of sda, nvme0n1p2 of nvme0n1; without its disk in the list a device counts as whole. */
function isPartition(name: string, all: Set<string>): boolean {
  const disk = /^(.*\d)p\d+$/.exec(name)?.[1] ?? /^(.*\D)\d+$/.exec(name)?.[1];
  return disk !== undefined && all.has(disk);
}
