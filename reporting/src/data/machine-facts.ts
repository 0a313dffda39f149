import type { InterfaceSpeeds } from "@perfanalysis/contract/host-facts";

/** What a machine is, as its captures' headers or the portal tell; null is what nobody told. */
export interface MachineFacts {
  hostName: string | null;
  /** As uname(1) has it, such as x86_64. */
  architecture: string | null;
  /** Release of the kernel, such as 6.1.0-18-amd64. */
  kernel: string | null;
  /** With its version, such as Debian GNU/Linux 12 (bookworm). */
  distribution: string | null;
  cpuModel: string | null;
  /** Online, threads of a core counted singly. */
  cpuCount: number | null;
  memoryBytes: number | null;
  /** Unix seconds. */
  bootTimeS: number | null;
  /** Of the machine, or of what makes it a virtual one. */
  vendor: string | null;
  product: string | null;
  /** What makes it a virtual machine, such as kvm; `none` where it is a real one. */
  virtualisation: string | null;
  cloud: string | null;
  instanceType: string | null;
  /** In each direction, by interface: those that know their speed. */
  interfaceSpeedsMbps: InterfaceSpeeds | null;
}

export const unknownMachine: MachineFacts = {
  hostName: null,
  architecture: null,
  kernel: null,
  distribution: null,
  cpuModel: null,
  cpuCount: null,
  memoryBytes: null,
  bootTimeS: null,
  vendor: null,
  product: null,
  virtualisation: null,
  cloud: null,
  instanceType: null,
  interfaceSpeedsMbps: null,
};

/** The kernel's own for a machine that got no name, and the one by which each machine knows itself. */
const noNames = /^(?:|\(none\)|localhost[46]?(?:\.localdomain[46]?)?)$/i;

/** The host name, unless it is one that tells no machine from another; null where there is no other. */
export function ownNameOf({ hostName }: MachineFacts): string | null {
  return hostName === null || noNames.test(hostName.trim()) ? null : hostName;
}
