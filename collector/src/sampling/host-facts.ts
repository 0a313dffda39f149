// What this machine tells a portal of itself. The form: HostFacts of contract/api.ts.
import { hostname } from "node:os";
import type { HostFacts } from "@perfanalysis/contract/api";
import { readHost } from "./host.ts";
import { readMachine } from "./machine.ts";

const maxTextLength = 64;

/** Never fails: what cannot be read is not there. */
export function readHostFacts({
  procfs,
  rootfs,
  now,
}: {
  procfs: string;
  rootfs: string;
  now: Date;
}): HostFacts {
  const machine = readMachine({ procfs, rootfs });
  const { bootId } = readHost({ procfs, rootfs, machineId: null });
  const { boot_time: bootTimeS } = machine;
  return {
    ...textFacts({
      host_name: hostname(),
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
    ...(typeof machine.cpu_count === "number" ? { cpu_count: machine.cpu_count } : {}),
    ...(typeof machine.memory_bytes === "number" ? { memory_bytes: machine.memory_bytes } : {}),
    ...(typeof bootTimeS === "number"
      ? { boot_time: new Date(bootTimeS * 1000).toISOString() }
      : {}),
    read_at: now.toISOString(),
  };
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
