// sysstat's columns, a file per subsystem, as perfcollector2 writes them: counters from sar(1), https://sysstat.github.io
import { diskstatsFields } from "../procfs/diskstats.ts";
import { meminfoFields } from "../procfs/meminfo.ts";
import { netDevFields } from "../procfs/net-dev.ts";
import { cpuFields } from "../procfs/stat.ts";
import { offsetOf, type Layout } from "../sampling/layout.ts";
import type { Mount } from "./raw-format.ts";
import { cpuTimeGrowth } from "./device-rates.ts";
import { growth, type Interval } from "./formula.ts";

/** Paths under the folder, and each one's header. */
export const sarFiles = {
  "proc/stat": "#timestamp,CPU,%usr,%nice,%system,%iowait,%steal,%idle",
  "proc/meminfo":
    "#timestamp,kbmemfree,kbavail,kbmemused,%memused,kbbuffers,kbcached,kbcommit,%commit,kbactive,kbinact,kbdirty",
  "proc/diskstats": "#timestamp,DEV,tps,rtps,wtps,dtps,bread/s,bwrtn/s,bdscd/s",
  "proc/net/dev": "#timestamp,IFACE,rxpck/s,txpck/s,rxkB/s,txkB/s,rxcmp/s,txcmp/s,rxmcst/s,%ifutil",
  statfs_ALL: "#timestamp,mount,blocksize,blockstotal,blocksavail,use",
} as const;

export type SarFile = keyof typeof sarFiles;

/** A line: NaN is an empty cell. */
export type SarCells = [label: string | number, ...values: number[]];

/** The interval's lines of all files that come from /proc, without those of the file systems. */
export function toSarLines(
  layout: Layout,
  interval: Interval,
): [file: SarFile, lines: SarCells[]][] {
  return [
    ["proc/stat", listCpus(layout, interval)],
    ["proc/meminfo", listMemory(layout, interval)],
    ["proc/diskstats", listDisks(layout, interval)],
    ["proc/net/dev", listInterfaces(layout, interval)],
  ];
}

/** The mounts' lines; use is the share that is not available, in whole percent. */
export function toSarMountLines(mounts: readonly Mount[]): SarCells[] {
  return mounts.map(({ path, blockSizeBytes, blocksTotal, blocksAvailable }) => [
    path,
    blockSizeBytes,
    blocksTotal,
    blocksAvailable,
    blocksTotal > 0 ? Math.round(100 * (1 - blocksAvailable / blocksTotal)) : Number.NaN,
  ]);
}

export function renderSarLine(timestampS: number, cells: SarCells): string {
  return `${[timestampS, ...cells.map((cell) => (Number.isNaN(cell) ? "" : quoteCell(cell)))].join(",")}\n`;
}

function quoteCell(cell: string | number): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Growth of the named counters of the row at `offset`; NaN where one went backwards. */
function readGrowth<Name extends string>(
  fields: readonly Name[],
  offset: number,
  interval: Interval,
): (name: Name) => number {
  return (name) => growth(interval, offset + fields.indexOf(name));
}

/** CPU -1 is all of them. Guests' time is not part of %usr and %nice, and interrupts' not of %system. */
function listCpus(layout: Layout, interval: Interval): SarCells[] {
  return layout.devices.cpu.map((cpu, row) => {
    const offset = offsetOf(layout, "cpu") + row * cpuFields.length;
    const grown = readGrowth(cpuFields, offset, interval);
    const total = cpuTimeGrowth(interval, offset);
    // Kernels before 2.6.33 do not count guests apart.
    const guest = (field: "guest" | "guest_nice"): number =>
      Number.isNaN(interval.after[offset + cpuFields.indexOf(field)]) ? 0 : grown(field);
    // The kernel reads user before guest: a tick in between is in guest alone.
    const share = (ticks: number): number => Math.min(100, (100 * Math.max(0, ticks)) / total);
    return [
      cpu === "cpu" ? -1 : Number(cpu.slice("cpu".length)),
      share(grown("user") - guest("guest")),
      share(grown("nice") - guest("guest_nice")),
      share(grown("system")),
      share(grown("iowait")),
      share(grown("steal")),
      share(grown("idle")),
    ];
  });
}

/** kbmemused is sar's own: without buffers, cache and slab. */
function listMemory(layout: Layout, { after }: Interval): SarCells[] {
  const offset = offsetOf(layout, "meminfo");
  const kib = (name: (typeof meminfoFields)[number]): number =>
    after[offset + meminfoFields.indexOf(name)] ?? Number.NaN;
  const total = kib("MemTotal");
  if (Number.isNaN(total)) return [];
  // The kernel does not read them at one moment: sar, too, stops at 0.
  const used = Math.max(0, total - kib("MemFree") - kib("Buffers") - kib("Cached") - kib("Slab"));
  return [
    [
      kib("MemFree"),
      kib("MemAvailable"),
      used,
      (100 * used) / total,
      kib("Buffers"),
      kib("Cached"),
      kib("Committed_AS"),
      (100 * kib("Committed_AS")) / (total + kib("SwapTotal")),
      kib("Active"),
      kib("Inactive"),
      kib("Dirty"),
    ],
  ];
}

/** Devices that were never read or written have no line. Sectors of 512 bytes. */
function listDisks(layout: Layout, interval: Interval): SarCells[] {
  const { after, elapsedS } = interval;
  return layout.devices.disk.flatMap((disk, row): SarCells[] => {
    const offset = offsetOf(layout, "diskstats") + row * diskstatsFields.length;
    const now = (name: (typeof diskstatsFields)[number]): number =>
      after[offset + diskstatsFields.indexOf(name)] ?? Number.NaN;
    if (!(now("reads") + now("writes") > 0)) return [];
    const grown = readGrowth(diskstatsFields, offset, interval);
    const rate = (name: (typeof diskstatsFields)[number]): number => grown(name) / elapsedS;
    // Before kernel 4.18 there were no discards to count.
    const discards = Number.isNaN(now("discards")) ? 0 : rate("discards");
    return [
      [
        disk,
        rate("reads") + rate("writes") + discards,
        rate("reads"),
        rate("writes"),
        rate("discards"),
        rate("read_sectors"),
        rate("write_sectors"),
        rate("discard_sectors"),
      ],
    ];
  });
}

/** /proc does not tell an interface's speed, so %ifutil is 0, as sar shows it where the speed is unknown. */
function listInterfaces(layout: Layout, interval: Interval): SarCells[] {
  return layout.devices.interface.map((name, row) => {
    const offset = offsetOf(layout, "net/dev") + row * netDevFields.length;
    const grown = readGrowth(netDevFields, offset, interval);
    const rate = (field: (typeof netDevFields)[number]): number => grown(field) / interval.elapsedS;
    return [
      name,
      rate("rx_packets"),
      rate("tx_packets"),
      rate("rx_bytes") / 1024,
      rate("tx_bytes") / 1024,
      rate("rx_compressed"),
      rate("tx_compressed"),
      rate("rx_multicast"),
      0,
    ];
  });
}
