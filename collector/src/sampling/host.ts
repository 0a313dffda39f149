import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { isMachineId } from "@perfanalysis/contract/machine-id";

export interface Host {
  name: string;
  machineId: string;
  /** null where the kernel does not tell. */
  bootId: string | null;
}

/**
 * Who this machine is. The machine id is the one given, else that of machine-id(5) below the machine's root, else made from the
 * host name.
 */
export function readHost({
  procfs,
  machineId,
  rootfs = "/",
}: {
  procfs: string;
  machineId: string | null;
  rootfs?: string;
}): Host {
  const name = hostname();
  return {
    name,
    machineId: machineId ?? readMachineId(join(rootfs, "etc/machine-id")) ?? toMachineId(name),
    bootId: readLine(join(procfs, "sys/kernel/random/boot_id")),
  };
}

/** The text with every character that a machine id cannot have replaced by a dash. */
export function toMachineId(text: string): string {
  const id = text.replaceAll(/[^a-zA-Z0-9_-]/g, "-").slice(0, 64);
  return isMachineId(id) ? id : "unnamed";
}

function readMachineId(path: string): string | null {
  const line = readLine(path);
  // An image that has not been started yet says "uninitialized".
  return line !== null && /^[0-9a-f]{32}$/.test(line) ? line : null;
}

/** The file's first line; null where it is empty or not there. */
function readLine(path: string): string | null {
  try {
    const line = readFileSync(path, "utf8").split("\n", 1)[0]?.trim() ?? "";
    return line === "" ? null : line;
  } catch {
    return null;
  }
}
