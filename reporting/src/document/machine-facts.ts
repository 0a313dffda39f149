import type { MachineFacts } from "../data/machine-facts.ts";
import { formatCount, formatTime, formatValue } from "../format.ts";
import type { Context } from "./context.ts";
import type { Fact } from "./model.ts";

const mostNames = 8;

/** What the machine is: of what nobody told, there is no line. */
export function machineFacts({ dataset, disks, interfaces }: Context, facts: MachineFacts): Fact[] {
  const total = dataset.measure("mem_total");
  const memoryBytes = facts.memoryBytes ?? (total === null ? null : dataset.summary(total).max);
  const cpuCount = facts.cpuCount ?? dataset.cpuCount;
  const kernel = [facts.kernel, facts.architecture].filter((part) => part !== null).join(", ");
  const cpu = [
    cpuCount === null ? null : formatCount(cpuCount, "CPU"),
    facts.cpuModel === null ? null : facts.cpuModel,
  ].filter((part) => part !== null);
  const lines: [label: string, value: string | null][] = [
    ["Host name", facts.hostName],
    ["Distribution", facts.distribution],
    ["Kernel", kernel === "" ? null : kernel],
    ["Processor", cpu.length === 0 ? null : cpu.join(", ")],
    ["Memory", memoryBytes === null ? null : formatValue(memoryBytes, "bytes")],
    ["Hardware", placeOf(facts)],
    ["Booted", facts.bootTimeS === null ? null : `${formatTime(facts.bootTimeS)} UTC`],
    ["Disks", disks.length === 0 ? null : listed(disks)],
    ["Interfaces", interfaces.length === 0 ? null : listed(interfaces)],
  ];
  return lines.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}

/** "AWS, m5.large", or who made the machine and what makes it a virtual one. */
function placeOf({
  cloud,
  instanceType,
  vendor,
  product,
  virtualisation,
}: MachineFacts): string | null {
  const parts =
    cloud === null
      ? [vendor, product, virtualisation === null ? null : `virtual (${virtualisation})`]
      : [cloud, instanceType];
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? null : known.join(", ");
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(", ");
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown;
}
