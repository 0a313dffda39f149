import { deviceOfSums } from "@perfanalysis/contract/columns";
import type { Dataset } from "./dataset.ts";

/** A disk or interface, with what it moved on average over the window. */
export interface Device {
  name: string;
  /** Bytes a second, both directions; null where the file has no bytes of it. */
  meanBytesPerS: number | null;
}

/**
 * Sums over all disks, loop devices, memory disks, optical drives, and the layers of device mapper, RAID, ZFS, bcache and DRBD, whose traffic the disks below them
 * have again: shown behind real disks, however busy.
 */
const minorDisk = new RegExp(`^(${deviceOfSums}$|(loop|ram|zram|sr|fd|dm-|md|zd|bcache|drbd)\\d)`);
/** Sums over all interfaces, the machine talking to itself, the near ends of containers, virtual machines and bridges, and VLANs of another interface: their traffic is counted elsewhere too. */
const minorInterface = new RegExp(
  `^(${deviceOfSums}$|lo$|lo:|dummy|docker|veth|br-|virbr|cni|flannel|cali|cilium|lxc|vxlan|vnet|ifb|tap|tun|[^.]+\\.\\d+$)`,
);

/** Disks, the busiest (most bytes read and written) first. */
export function rankDisks(dataset: Dataset): Device[] {
  return rank(dataset, {
    prefix: "disk_",
    fields: ["read_bytes", "write_bytes"],
    minor: minorDisk,
  });
}

/** Network interfaces, the one with the most traffic first. */
export function rankInterfaces(dataset: Dataset): Device[] {
  return rank(dataset, { prefix: "net_", fields: ["rx_bytes", "tx_bytes"], minor: minorInterface });
}

/** Those disks or interfaces whose work no other one has again, or the first where all of them are such. */
export function principalOf(names: readonly string[]): string[] {
  const principal = names.filter((name) => !minorDisk.test(name) && !minorInterface.test(name));
  return principal.length > 0 ? principal : names.slice(0, 1);
}

/** Names of mounts or containers, in order. */
export function listDevices(dataset: Dataset, prefix: "fs_" | "container_"): string[] {
  return namesOf(dataset, prefix).toSorted(byName.compare);
}

interface Ranking {
  prefix: "disk_" | "net_";
  fields: string[];
  minor: RegExp;
}

function rank(dataset: Dataset, { prefix, fields, minor }: Ranking): Device[] {
  const devices = namesOf(dataset, prefix).map((name): Device => {
    const measured = fields.flatMap((field) => dataset.measure(`${prefix}${name}_${field}`) ?? []);
    const total = measured.reduce((sum, measure) => sum + dataset.summary(measure).mean, 0);
    return { name, meanBytesPerS: measured.length === 0 ? null : total };
  });
  return devices.toSorted(
    (a, b) =>
      Number(minor.test(a.name)) - Number(minor.test(b.name)) ||
      (b.meanBytesPerS ?? -1) - (a.meanBytesPerS ?? -1) ||
      byName.compare(a.name, b.name),
  );
}

const byName = new Intl.Collator("en", { numeric: true });

/** Those of which anything was measured. */
function namesOf(dataset: Dataset, prefix: string): string[] {
  const names = new Set<string>();
  for (const { name, device } of dataset.columns) {
    if (device === null || !name.startsWith(prefix) || names.has(device)) continue;
    if (dataset.measure(name) !== null) names.add(device);
  }
  return [...names];
}
