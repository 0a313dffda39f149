// From the plain parsers' results to a sample's values.
import { parseDiskstats } from "../procfs/diskstats.ts";
import { parseLoadavg } from "../procfs/loadavg.ts";
import { parseMeminfo } from "../procfs/meminfo.ts";
import { parseNetDev } from "../procfs/net-dev.ts";
import { parseNetstat } from "../procfs/netstat.ts";
import type { Field } from "../procfs/number.ts";
import { parsePressure } from "../procfs/pressure.ts";
import { parseSnmp } from "../procfs/snmp.ts";
import { parseSockstat } from "../procfs/sockstat.ts";
import { parseStat } from "../procfs/stat.ts";
import { parseVmstat } from "../procfs/vmstat.ts";
import { offsetOf, sources, type DeviceKind, type Layout, type SourceName } from "./layout.ts";

/** A field that is not there was not measured. */
type Fields = Readonly<Record<string, Field>>;

/** What a kernel file says of one source. */
export type Reading =
  | { source: SourceName; per: null; fields: Fields }
  | { source: SourceName; per: DeviceKind; rows: ReadonlyMap<string, Fields> };

/** The kernel files of a sample, by their path under /proc; each parser throws a SyntaxError naming the place. */
export const kernelFiles = {
  stat: (text) => {
    const { cpus, counters } = parseStat(text);
    return [
      { source: "stat", per: null, fields: counters },
      { source: "cpu", per: "cpu", rows: cpus },
    ];
  },
  loadavg: (text) => [{ source: "loadavg", per: null, fields: parseLoadavg(text) }],
  meminfo: (text) => [{ source: "meminfo", per: null, fields: parseMeminfo(text) }],
  vmstat: (text) => [{ source: "vmstat", per: null, fields: parseVmstat(text) }],
  "pressure/cpu": (text) => [
    { source: "pressure/cpu", per: null, fields: parsePressure(text, "cpu") },
  ],
  "pressure/io": (text) => [
    { source: "pressure/io", per: null, fields: parsePressure(text, "io") },
  ],
  "pressure/memory": (text) => [
    { source: "pressure/memory", per: null, fields: parsePressure(text, "memory") },
  ],
  diskstats: (text) => [{ source: "diskstats", per: "disk", rows: parseDiskstats(text) }],
  "net/dev": (text) => [{ source: "net/dev", per: "interface", rows: parseNetDev(text) }],
  "net/snmp": (text) => [{ source: "net/snmp", per: null, fields: parseSnmp(text) }],
  "net/netstat": (text) => [{ source: "net/netstat", per: null, fields: parseNetstat(text) }],
  "net/sockstat": (text) => [{ source: "net/sockstat", per: null, fields: parseSockstat(text) }],
} as const satisfies Record<string, (text: string) => Reading[]>;

export type KernelFile = keyof typeof kernelFiles;

/** In the order in which they are read. */
export function listKernelFiles(): KernelFile[] {
  // The keys of a constant object are what its type says.
  return Object.keys(kernelFiles) as KernelFile[];
}

/** Sets the source's values; devices that the layout has and the reading has not are NaN, others are left out. */
export function fillValues(values: Float64Array, layout: Layout, reading: Reading): void {
  const source = sources.find(({ name }) => name === reading.source);
  if (source === undefined) return;
  const fields: readonly string[] = source.fields;
  const rows =
    reading.per === null
      ? [reading.fields]
      : layout.devices[reading.per].map((device) => reading.rows.get(device));
  let at = offsetOf(layout, reading.source);
  for (const row of rows) {
    for (const field of fields) {
      values[at] = row?.[field] ?? Number.NaN;
      at += 1;
    }
  }
}
