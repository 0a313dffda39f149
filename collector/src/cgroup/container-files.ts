// The files of a container's cgroup: what is read of each, where it goes, plainly and in place.
import { createKeyedLinesParser, type ScalarsParser } from "../procfs/in-place/keyed-lines.ts";
import type { Field } from "../procfs/number.ts";
import type { BlockDevices } from "./block-devices.ts";
import { containerFields, type ContainerField } from "./container-fields.ts";
import { parseCpuMax } from "./cpu-max.ts";
import { cpuStatFields, cpuStatRequired, parseCpuStat } from "./cpu-stat.ts";
import { createIoStatParser, parseNumberInPlace } from "./in-place.ts";
import { ioStatFields, parseIoStat, sumIo } from "./io-stat.ts";
import { parseMemoryCurrent } from "./memory-current.ts";
import { memoryEventsFields, parseMemoryEvents } from "./memory-events.ts";
import { parseMemoryMax } from "./memory-max.ts";
import { memoryStatFields, parseMemoryStat } from "./memory-stat.ts";
import { parsePidsCurrent } from "./pids-current.ts";

type Fields = Partial<Record<ContainerField, Field>>;

export interface ContainerFile {
  /** In the cgroup's folder. */
  name: string;
  /** Index of its first field among those of a container; the others lie behind it. */
  first: number;
  fields: readonly ContainerField[];
  /** @throws SyntaxError naming the file. */
  parse(text: string): Fields;
  /** null where it is not read often. */
  parseInPlace: ScalarsParser | null;
}

/**
 * In the order in which they are read. The first is there as long as the cgroup; others are not where their controller is not
 * enabled.
 */
export function createContainerFiles(devices: BlockDevices): ContainerFile[] {
  return [
    toFile("cpu.stat", cpuStatFields, {
      parse: parseCpuStat,
      parseInPlace: createKeyedLinesParser(cpuStatFields, {
        separator: " ",
        required: cpuStatRequired,
      }),
    }),
    toFile("io.stat", ioStatFields, {
      parse: (text) => sumIo(parseIoStat(text), (device) => devices.counts(device)),
      parseInPlace: createIoStatParser((major, minor) => devices.countsNumbers(major, minor)),
    }),
    toFile("memory.events", memoryEventsFields, {
      parse: parseMemoryEvents,
      parseInPlace: createKeyedLinesParser(memoryEventsFields, { separator: " ", required: [] }),
    }),
    toFile("memory.current", ["memory_current"], {
      parse: (text) => ({ memory_current: parseMemoryCurrent(text) }),
      parseInPlace: parseNumberInPlace,
    }),
    toFile("memory.stat", memoryStatFields, {
      parse: parseMemoryStat,
      parseInPlace: createKeyedLinesParser(memoryStatFields, {
        separator: " ",
        required: memoryStatFields,
      }),
    }),
    toFile("pids.current", ["pids_current"], {
      parse: (text) => ({ pids_current: parsePidsCurrent(text) }),
      parseInPlace: parseNumberInPlace,
    }),
    toFile("memory.max", ["memory_max"], {
      parse: (text) => ({ memory_max: parseMemoryMax(text) }),
      parseInPlace: null,
    }),
    toFile("cpu.max", ["quota_usec", "period_usec"], { parse: parseCpuMax, parseInPlace: null }),
  ];
}

function toFile(
  name: string,
  fields: readonly [ContainerField, ...ContainerField[]],
  parsers: Pick<ContainerFile, "parse" | "parseInPlace">,
): ContainerFile {
  return { name, first: containerFields.indexOf(fields[0]), fields, ...parsers };
}
