// What a machine is: read once, for the header of a capture.
import { readFileSync } from "node:fs";
import { machine as readArchitecture } from "node:os";
import { join } from "node:path";
import {
  isInterfaceSpeed,
  maxInterfaceSpeeds,
  type InterfaceSpeeds,
} from "@perfanalysis/contract/host-facts";
import { parseCpuinfo } from "../procfs/cpuinfo.ts";
import { parseMeminfo } from "../procfs/meminfo.ts";
import { parseStat } from "../procfs/stat.ts";
import { toPlace } from "./cloud.ts";

/** In this order in captures. */
export const machineFields = [
  /** As uname(1) has it, such as x86_64. */
  "architecture",
  "kernel",
  "distribution",
  "cpu_vendor",
  "cpu_model",
  "cpu_count",
  "cpu_packages",
  "cpu_cores_per_package",
  "cpu_threads_per_package",
  "cpu_cache",
  "memory_bytes",
  /** Unix seconds. */
  "boot_time",
  /** Of the machine, or of what makes it a virtual one. */
  "vendor",
  "product",
  "virtualisation",
  "cloud",
  "instance_type",
] as const;

/** null is what the machine does not tell. */
export type Machine = Record<(typeof machineFields)[number], string | number | null> & {
  interface_speeds_mbps: InterfaceSpeeds | null;
};

/** Never fails: what cannot be read is null. `sysfs` is the machine's own in most containers, too. */
export function readMachine({
  procfs,
  rootfs,
  sysfs = "/sys",
  interfaceSpeeds,
}: {
  procfs: string;
  rootfs: string;
  sysfs?: string;
  /** As they were read last. */
  interfaceSpeeds: InterfaceSpeeds;
}): Machine {
  const cpu = attempt(() => parseCpuinfo(readFileSync(join(procfs, "cpuinfo"), "utf8")));
  const memory = attempt(() => parseMeminfo(readFileSync(join(procfs, "meminfo"), "utf8")));
  const stat = attempt(() => parseStat(readFileSync(join(procfs, "stat"), "utf8")));
  const dmi = (name: string): string | null => readText(join(sysfs, "class/dmi/id", name));
  const firmware = {
    sysVendor: dmi("sys_vendor"),
    productName: dmi("product_name"),
    chassisAssetTag: dmi("chassis_asset_tag"),
    biosVersion: dmi("bios_version"),
  };
  const { cloud, instanceType, virtualisation } = toPlace(firmware, cpu?.flags ?? null);
  const memoryKib = memory?.MemTotal ?? null;
  return {
    architecture: readArchitecture(),
    kernel: readText(join(procfs, "sys/kernel/osrelease")),
    distribution:
      readDistribution(join(rootfs, "etc/os-release")) ??
      readDistribution(join(rootfs, "usr/lib/os-release")),
    cpu_vendor: cpu?.vendorId ?? null,
    cpu_model: cpu?.modelName ?? null,
    cpu_count: cpu?.cpuCount ?? null,
    cpu_packages: cpu?.packageCount ?? null,
    cpu_cores_per_package: cpu?.coresPerPackage ?? null,
    cpu_threads_per_package: cpu?.siblings ?? null,
    cpu_cache: cpu?.cacheSize ?? null,
    memory_bytes: memoryKib === null ? null : memoryKib * 1024,
    boot_time: stat?.counters.btime ?? null,
    vendor: firmware.sysVendor,
    product: firmware.productName,
    virtualisation,
    cloud,
    instance_type: instanceType,
    interface_speeds_mbps: orNull(interfaceSpeeds),
  };
}

/** The object's known fields; null where it is none, as in captures before machines were told of. */
export function toMachine(json: unknown): Machine | null {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return null;
  const given = new Map<string, unknown>(Object.entries(json));
  const fields = machineFields.map((name) => {
    const value = given.get(name);
    return [name, typeof value === "string" || typeof value === "number" ? value : null] as const;
  });
  const speeds = Object.entries(Object(given.get("interface_speeds_mbps")))
    .filter((entry): entry is [string, number] => isInterfaceSpeed(...entry))
    .slice(0, maxInterfaceSpeeds);
  return {
    // The entries are made from machineFields, which are all the names but that of the speeds.
    ...(Object.fromEntries(fields) as Omit<Machine, "interface_speeds_mbps">),
    interface_speeds_mbps: orNull(Object.fromEntries(speeds)),
  };
}

/** The later machine; speeds that it does not tell are those that it told before, as of links that were not up yet when pcc was started again. */
export function withEarlierSpeeds(machine: Machine, earlier: Machine | null): Machine {
  const speeds = { ...earlier?.interface_speeds_mbps, ...machine.interface_speeds_mbps };
  return { ...machine, interface_speeds_mbps: orNull(speeds) };
}

function orNull(speeds: InterfaceSpeeds): InterfaceSpeeds | null {
  return Object.keys(speeds).length === 0 ? null : speeds;
}

/** PRETTY_NAME of os-release(5), with the quotes of a shell taken off. */
function readDistribution(path: string): string | null {
  const [, value] = /^PRETTY_NAME=(.*)$/m.exec(readText(path) ?? "") ?? [];
  const [, , quoted, bare] = /^(?:(["'])(.*)\1|(\S+))\s*$/.exec(value ?? "") ?? [];
  return quoted ?? bare ?? null;
}

/** The file's text without white space around it; null where it is empty or cannot be read. */
function readText(path: string): string | null {
  const text = attempt(() => readFileSync(path, "utf8").trim());
  return text === "" ? null : text;
}

function attempt<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch {
    return null;
  }
}
