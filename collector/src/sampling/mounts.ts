// Which of the mounted file systems are worth a sample's bytes, and what they are called.
import { isDeviceName } from "@perfanalysis/contract/columns";
import { unescapePath, type MountEntry } from "../procfs/mounts.ts";
import { selectNames, type DeviceFilter } from "./devices.ts";

/** What statfs(2) tells of a mounted file system, as the kernel gives it; no inodes where it sets no limit to them. */
export const mountFields = [
  "block_bytes",
  "blocks",
  "blocks_free",
  "blocks_available",
  "inodes",
  "inodes_free",
] as const;

export interface Mount {
  /** By which columns call it. */
  name: string;
  /** For system calls. */
  path: string;
  device: string;
  /** A server or a program answers for it, or does not. */
  isRemote: boolean;
}

/** Images, which are always full. */
const imageTypes = new Set(["squashfs", "iso9660", "udf", "erofs", "cramfs", "romfs"]);

/** Served by another machine. */
const networkTypes = new Set([
  "nfs",
  "nfs4",
  "cifs",
  "smb3",
  "smbfs",
  "ceph",
  "glusterfs",
  "lustre",
  "gpfs",
  "beegfs",
  "orangefs",
  "pvfs2",
  "afs",
  "9p",
  "virtiofs",
  "vboxsf",
]);

/** Programs that only show what is elsewhere, or the machine's state. */
const pseudoPrograms = new Set([
  "fuse.lxcfs",
  "fuse.gvfsd-fuse",
  "fuse.portal",
  "fuse.snapfuse",
  "fuse.squashfuse",
]);

/**
 * File systems that hold data, one row for each device, in the kernel's order: the first of the mounts that the filter lets
 * through. Those in memory, overlays, images and the kernel's own are left out unless included by name.
 */
export function selectMounts(entries: readonly MountEntry[], filter: DeviceFilter = {}): Mount[] {
  const visible = new Map<string, MountEntry>();
  for (const entry of entries) visible.set(entry.path, entry);
  const byName = new Map(Array.from(visible.values(), (entry) => [toName(entry.path), entry]));
  const names = selectNames([...byName.keys()], filter, (name) => !isReal(byName.get(name)));
  const devices = new Set<string>();
  return names.flatMap((name) => {
    const entry = byName.get(name);
    if (entry === undefined) return [];
    const { device, path, type } = entry;
    // Those without a device share their word for it.
    const key = isReal(entry) ? device : `${device} ${path}`;
    if (devices.has(key)) return [];
    devices.add(key);
    return [{ name, path: unescapePath(path), device, isRemote: isRemote(type) }];
  });
}

function isReal(entry: MountEntry | undefined): boolean {
  if (entry === undefined || imageTypes.has(entry.type) || pseudoPrograms.has(entry.type)) {
    return false;
  }
  return entry.device.startsWith("/dev/") || entry.type === "zfs" || isRemote(entry.type);
}

function isRemote(type: string): boolean {
  return networkTypes.has(type) || /^fuse(?:blk$|\.|$)/.test(type);
}

/** As `Mount.name`, of a path that the kernel did not write. */
export function toMountName(path: string): string {
  return toName(path.replaceAll(/[ \t\n\\]/g, escapeCharacter));
}

/** What the kernel leaves as it is and a column's name cannot have becomes octal, too: commas, control characters. */
function toName(path: string): string {
  return isDeviceName(path) ? path : path.replaceAll(/[\s\p{C},]/gu, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return Array.from(
    Buffer.from(character),
    (byte) => `\\${byte.toString(8).padStart(3, "0")}`,
  ).join("");
}
