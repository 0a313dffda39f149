import { deviceOfSums } from "@perfanalysis/contract/columns";
import type { MachineFacts } from "../data/machine-facts.ts";
import { formatBitRate, formatCount, formatTime, formatValue } from "../format.ts";
import type { Context } from "./context.ts";
import type { Fact } from "./model.ts";
import { texts } from "../texts/english.ts";

const words = texts.machine;
const mostNames = 8;

/** What the machine is: of what nobody told, there is no line. */
export function machineFacts(context: Context, facts: MachineFacts): Fact[] {
  const { dataset, disks, interfaces } = context;
  const total = dataset.measure("mem_total");
  const memoryBytes = facts.memoryBytes ?? (total === null ? null : dataset.summary(total).max);
  const cpuCount = facts.cpuCount ?? dataset.cpuCount;
  const kernel = [facts.kernel, facts.architecture].filter((part) => part !== null).join(", ");
  const cpu = [
    cpuCount === null ? null : formatCount(cpuCount, "CPU"),
    facts.cpuModel === null ? null : facts.cpuModel,
  ].filter((part) => part !== null);
  const lines: [label: string, value: string | null][] = [
    [words.hostName, facts.hostName],
    [words.distribution, facts.distribution],
    [words.kernel, kernel === "" ? null : kernel],
    [words.processor, cpu.length === 0 ? null : cpu.join(", ")],
    [words.memory, memoryBytes === null ? null : formatValue(memoryBytes, "bytes")],
    [words.hardware, placeOf(facts)],
    [words.booted, facts.bootTimeS === null ? null : `${formatTime(facts.bootTimeS)} UTC`],
    [words.disks, disks.length === 0 ? null : listed(disks)],
    [words.interfaces, interfaces.length === 0 ? null : withSpeeds(context)],
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
  const isVirtual = virtualisation !== null && virtualisation !== "none";
  const parts =
    cloud === null
      ? [vendor, product, isVirtual ? words.virtual(virtualisation) : null]
      : [cloud, instanceType];
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? null : known.join(", ");
}

/** "eth0 (10 Gbit/s), lo; speeds as the machine tells": each with its speed, where it is known. */
function withSpeeds({ interfaces, speeds, doubtedSpeeds }: Context): string {
  const list = listed(interfaces, (name) => {
    const speed = speeds.get(name);
    const doubt = doubtedSpeeds.get(name);
    if (doubt !== undefined) {
      const [told, carried] = [doubt.toldBytesPerS, doubt.carriedBytesPerS].map(formatBitRate);
      return words.speedDoubted(name, told ?? "", carried ?? "");
    }
    if (speed === undefined) return name;
    const told = speed.from === "machine";
    return words[told ? "speed" : "speedGiven"](name, formatBitRate(speed.bytesPerS));
  });
  const isTold = interfaces
    .slice(0, mostNames)
    .some((name) => speeds.get(name)?.from === "machine");
  return isTold ? words.speedsTold(list) : list;
}

function listed(
  names: readonly string[],
  describe: (name: string) => string = (name) => name,
): string {
  if (names.every((name) => name === deviceOfSums)) return words.notOneByOne;
  const shown = names.slice(0, mostNames).map(describe).join(", ");
  return names.length > mostNames ? words.andMore(shown, names.length - mostNames) : shown;
}
