import type { HostFacts } from "@perfanalysis/contract/api";
import { renderInterfaceSpeed } from "@perfanalysis/contract/host-facts";
import { renderValue } from "../ui/format.ts";

export interface HostLine {
  label: string;
  text: string;
}

const mostInterfaces = 8;

/** What the machine is, in the order and words of its report; of what it did not tell, there is no line. */
export function toHostLines(host: HostFacts): HostLine[] {
  const { cpu_count: cpuCount, memory_bytes: memoryBytes } = host;
  const cpus = cpuCount === undefined ? undefined : `${cpuCount} CPU${cpuCount === 1 ? "" : "s"}`;
  return [
    { label: "Host name", text: join(host.host_name) },
    { label: "Distribution", text: join(host.distribution) },
    { label: "Kernel", text: join(host.kernel, host.architecture) },
    { label: "Processor", text: join(cpus, host.cpu_model) },
    {
      label: "Memory",
      text: memoryBytes === undefined ? "" : renderValue(memoryBytes, "bytes"),
    },
    { label: "Hardware", text: toHardware(host) },
    { label: "Interfaces", text: toSpeeds(host) },
  ].filter(({ text }) => text !== "");
}

/** `aws, m5.large`, or who made the machine and what makes it a virtual one. */
function toHardware({ cloud, instance_type, vendor, product, virtualisation }: HostFacts): string {
  if (cloud !== undefined) return join(cloud, instance_type);
  const isVirtual = virtualisation !== undefined && virtualisation !== "none";
  const kind = virtualisation === "unknown" ? "virtual" : `virtual (${virtualisation})`;
  return join(vendor, product, isVirtual ? kind : undefined);
}

/** "eth0 10 Gbit/s, eth1 1 Gbit/s": those that know their speed, which may be dozens. */
function toSpeeds({ interface_speeds_mbps: speeds = {} }: HostFacts): string {
  const known = Object.entries(speeds).map(
    ([name, mbps]) => `${name} ${renderInterfaceSpeed(mbps)}`,
  );
  const shown = join(...known.slice(0, mostInterfaces));
  return known.length > mostInterfaces
    ? `${shown} and ${known.length - mostInterfaces} more`
    : shown;
}

function join(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(", ");
}
