import type { ByteText } from "../procfs/in-place/byte-text.ts";
import { createDiskstatsParser } from "../procfs/in-place/diskstats.ts";
import { createKeyedLinesParser } from "../procfs/in-place/keyed-lines.ts";
import { parseLoadavgInPlace } from "../procfs/in-place/loadavg.ts";
import { createNetDevParser } from "../procfs/in-place/net-dev.ts";
import { createPairedLinesParser } from "../procfs/in-place/paired-lines.ts";
import { parsePressureInPlace } from "../procfs/in-place/pressure.ts";
import { parseSockstatInPlace } from "../procfs/in-place/sockstat.ts";
import { createCpuParser, createStatCountersParser } from "../procfs/in-place/stat.ts";
import { meminfoFields, meminfoRequired } from "../procfs/meminfo.ts";
import { netstatPairs } from "../procfs/netstat.ts";
import { snmpPairs } from "../procfs/snmp.ts";
import { vmstatFields, vmstatRequired } from "../procfs/vmstat.ts";
import { offsetOf, type Layout, type SourceName } from "./layout.ts";
import type { KernelFile } from "./readings.ts";

/** Sets the file's values; false where the text is not understood in place. */
export type FileParser = (text: ByteText, values: Float64Array) => boolean;

/** The parsers of the hot path for one layout; `knownTexts` are texts whose lines start, or are named, as those of the
 * files that will come. */
export function createFileParsers(
  layout: Layout,
  knownTexts: ReadonlyMap<KernelFile, string>,
): Map<KernelFile, FileParser> {
  const at = (
    source: SourceName,
    parse: (text: ByteText, values: Float64Array, offset: number) => boolean,
  ): FileParser => {
    const offset = offsetOf(layout, source);
    return (text, values) => parse(text, values, offset);
  };
  const { cpu, disk, interface: interfaces } = layout.devices;
  const readCpus = at("cpu", createCpuParser(cpu));
  const readCounters = at("stat", createStatCountersParser());
  return new Map<KernelFile, FileParser>([
    ["stat", (text, values) => readCpus(text, values) && readCounters(text, values)],
    ["loadavg", at("loadavg", parseLoadavgInPlace)],
    [
      "meminfo",
      at(
        "meminfo",
        createKeyedLinesParser(meminfoFields, { separator: ":", required: meminfoRequired }),
      ),
    ],
    [
      "vmstat",
      at(
        "vmstat",
        createKeyedLinesParser(vmstatFields, { separator: " ", required: vmstatRequired }),
      ),
    ],
    ["pressure/cpu", at("pressure/cpu", parsePressureInPlace)],
    ["pressure/io", at("pressure/io", parsePressureInPlace)],
    ["pressure/memory", at("pressure/memory", parsePressureInPlace)],
    ["diskstats", at("diskstats", createDiskstatsParser(knownTexts.get("diskstats") ?? "", disk))],
    ["net/dev", at("net/dev", createNetDevParser(knownTexts.get("net/dev") ?? "", interfaces))],
    [
      "net/snmp",
      at("net/snmp", createPairedLinesParser(knownTexts.get("net/snmp") ?? "", snmpPairs)),
    ],
    [
      "net/netstat",
      at("net/netstat", createPairedLinesParser(knownTexts.get("net/netstat") ?? "", netstatPairs)),
    ],
    ["net/sockstat", at("net/sockstat", parseSockstatInPlace)],
  ]);
}
