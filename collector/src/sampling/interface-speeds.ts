// How fast the machine's lines are.
// Format: https://docs.kernel.org/ABI/testing/sysfs-class-net, "speed"; net/core/net-sysfs.c, speed_show()
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  isInterfaceSpeed,
  maxInterfaceSpeeds,
  type InterfaceSpeeds,
} from "@perfanalysis/contract/host-facts";
import { selectInterfaces, type DeviceFilter } from "./devices.ts";

/** A link that comes up shows in the next reading. */
const intervalMs = 600_000;
/** The first line of a capture waits no longer. */
const patienceMs = 500;
/** What drivers say that have two bytes for it and do not know it; ethtool reads it so, too. */
const unknownSpeed = 65_535;

/** Whose lines they are. */
interface SpeedSource {
  /** The machine's. Interfaces are those of the /sys below it, as its /proc tells them. */
  rootfs: string;
  filter: DeviceFilter;
}

/** What was read last. */
export interface SpeedWatch {
  known(): InterfaceSpeeds;
  close(): void;
}

/**
 * Reads the speeds, and again every ten minutes: in the background, since a reader waits as long as the kernel sets up an interface, any of
 * them, and a sample must not wait with it.
 */
export async function watchInterfaceSpeeds(find: () => SpeedSource): Promise<SpeedWatch> {
  let known: InterfaceSpeeds = {};
  let isReading = false;
  const read = async (): Promise<void> => {
    if (isReading) return;
    isReading = true;
    known = await readInterfaceSpeeds(find());
    isReading = false;
  };
  const timer = setInterval(() => void read(), intervalMs).unref();
  const patience = new AbortController();
  await Promise.race([
    read(),
    sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => undefined),
  ]);
  patience.abort();
  return { known: () => known, close: () => clearInterval(timer) };
}

/**
 * Of the interfaces that carry the machine's traffic into the world: those of a device, then bonds and teams of such, each in natural order.
 * Of bridges, VLANs and tunnels the lines below them tell; veth and tun name speeds that they do not have. Interfaces that are down or do not
 * know their speed are not there. Never fails.
 */
export async function readInterfaceSpeeds({
  rootfs,
  filter,
}: SpeedSource): Promise<InterfaceSpeeds> {
  const folder = join(rootfs, "sys/class/net");
  const names = selectInterfaces(await list(folder), filter);
  const lines: string[] = [];
  const bundles: string[] = [];
  for (const name of names.toSorted(naturalOrder.compare)) {
    const files = await list(join(folder, name));
    if (files.includes("device")) lines.push(name);
    else if (await isBundle(join(folder, name), files)) bundles.push(name);
  }
  const speeds: [name: string, mbps: number][] = [];
  for (const name of [...lines, ...bundles]) {
    if (speeds.length === maxInterfaceSpeeds) break;
    const text = await readText(join(folder, name, "speed"));
    const mbps = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (mbps !== unknownSpeed && isInterfaceSpeed(name, mbps)) speeds.push([name, mbps]);
  }
  return Object.fromEntries(speeds);
}

const naturalOrder = new Intl.Collator("en", { numeric: true });

/** Of all that are made of others, teams alone say no kind: drivers/net/team. */
async function isBundle(folder: string, files: readonly string[]): Promise<boolean> {
  if (files.includes("bonding")) return true;
  if (!files.some((name) => name.startsWith("lower_"))) return false;
  return !/^DEVTYPE=/m.test(await readText(join(folder, "uevent")));
}

/** Empty where there is none. */
async function list(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}

/** Without white space around it; empty where it cannot be read, such as with EINVAL of an interface that is down. */
async function readText(path: string): Promise<string> {
  return await readFile(path, "utf8").then(
    (text) => text.trim(),
    () => "",
  );
}
