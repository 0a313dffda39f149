// What a machine tells a portal of itself. The form: HostFacts of contract/api.ts.
import { hostname } from "node:os";
import type { HostFacts } from "@perfanalysis/contract/api";
import type { InterfaceSpeeds } from "@perfanalysis/contract/host-facts";
import { readHost } from "./host.ts";
import { readMachine, type Machine } from "./machine.ts";

const maxTextLength = 64;

/** Of this machine. Never fails: what cannot be read is not there. */
export function readHostFacts({
  procfs,
  rootfs,
  interfaceSpeeds,
  now,
}: {
  procfs: string;
  rootfs: string;
  interfaceSpeeds: InterfaceSpeeds;
  now: Date;
}): HostFacts {
  const machine = readMachine({ procfs, rootfs, interfaceSpeeds });
  const { bootId } = readHost({ procfs, rootfs, machineId: null });
  return toHostFacts(machine, { hostName: hostname(), bootId, readAt: now });
}

/** What is null is not there. */
export function toHostFacts(
  machine: Machine,
  { hostName, bootId, readAt }: { hostName: string | null; bootId: string | null; readAt: Date },
): HostFacts {
  const { cpu_count: cpuCount, memory_bytes: memoryBytes, boot_time: bootTimeS } = machine;
  const { interface_speeds_mbps: speeds } = machine;
  return {
    ...textFacts({
      host_name: hostName,
      kernel: machine.kernel,
      distribution: machine.distribution,
      architecture: machine.architecture,
      cpu_model: machine.cpu_model,
      boot_id: bootId,
      vendor: machine.vendor,
      product: machine.product,
      virtualisation: machine.virtualisation,
      cloud: machine.cloud,
      instance_type: machine.instance_type,
    }),
    ...(typeof cpuCount === "number" ? { cpu_count: cpuCount } : {}),
    ...(typeof memoryBytes === "number" ? { memory_bytes: memoryBytes } : {}),
    ...timeFact(bootTimeS),
    ...(speeds === null ? {} : { interface_speeds_mbps: speeds }),
    read_at: readAt.toISOString(),
  };
}

/** What is no number, or further away than a date can be, is not there: a capture's header may say anything. */
function timeFact(bootTimeS: string | number | null): Pick<HostFacts, "boot_time"> {
  const date = new Date(typeof bootTimeS === "number" ? bootTimeS * 1000 : Number.NaN);
  return Number.isNaN(date.getTime()) ? {} : { boot_time: date.toISOString() };
}

function textFacts<Name extends string>(
  facts: Record<Name, string | number | null>,
): Partial<Record<Name, string>> {
  const told = Object.entries(facts).flatMap(([name, value]) => {
    const text = typeof value === "string" ? toText(value) : "";
    return text === "" ? [] : [[name, text]];
  });
  // The entries are some of the facts' own.
  return Object.fromEntries(told) as Partial<Record<Name, string>>;
}

/** As a portal takes it: nothing but characters that can be shown, of the first plane. */
function toText(text: string): string {
  return text
    .replaceAll(/[^ -~\u00a0-\ud7ff\ue000-\ufffd]/g, "")
    .slice(0, maxTextLength)
    .trim();
}
