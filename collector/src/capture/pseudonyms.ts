// Names that tell nothing, in the place of those that do: the same name always gets the same one under one secret, and without the secret
// nobody can try out which name it was.
import { createHmac } from "node:crypto";
import type { DeviceKind } from "../sampling/layout.ts";

export interface Pseudonyms {
  machine(name: string): string;
  host(name: string): string;
  /** In the form of a boot id. */
  boot(id: string): string;
  device(kind: DeviceKind, name: string): string;
  process(name: string): string;
}

/** Given by the kernel or the distribution, the same everywhere; and they tell disks from partitions, which readers leave out. */
const commonNames: Record<DeviceKind, RegExp> = {
  cpu: /^/,
  disk: /^(?:(?:sd|vd|xvd|hd)[a-z]{1,3}\d*|nvme\d+(?:c\d+)?n\d+(?:p\d+)?|mmcblk\d+(?:p\d+|boot\d|rpmb)?|(?:loop|z?ram|sr|fd|nbd|md|dm-|zd|bcache|rbd)\d+(?:p\d+)?)$/,
  interface:
    /^(?:lo|(?:eth|wlan|wwan|usb|bond|team|br|tun|tap|wg|dummy|virbr|docker|ens|eno)\d+|enp\d+s\d+(?:f\d+)?)$/,
  mount:
    /^\/(?:(?:boot(?:\/efi)?|home|opt|root|run|srv|tmp|usr|var(?:\/(?:lib|log|tmp|cache|spool))?|dev\/shm)?)$/,
  container: /^(?!)/,
};

/** Kinds of interfaces that readers tell by their names' beginnings. */
const prefixes: Record<DeviceKind, (name: string) => string> = {
  cpu: () => "cpu",
  disk: () => "disk-",
  interface: (name) => (name.startsWith("veth") ? "veth-" : "if-"),
  mount: () => "/mount-",
  container: () => "container-",
};

export function createPseudonyms(secret: Buffer): Pseudonyms {
  const digest = (kind: string, name: string): string =>
    createHmac("sha256", secret).update(`${kind}\0${name}`).digest("hex");
  return {
    machine: (name) => `machine-${digest("machine", name).slice(0, 8)}`,
    host: (name) => `host-${digest("host", name).slice(0, 8)}`,
    boot: (id) =>
      digest("boot", id).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5"),
    device: (kind, name) =>
      commonNames[kind].test(name)
        ? name
        : `${prefixes[kind](name)}${digest(kind, name).slice(0, 8)}`,
    process: (name) => `process-${digest("process", name).slice(0, 8)}`,
  };
}
