// The formulas of what exists once per device.
import { columnName } from "@perfanalysis/contract/columns";
import type { Metric } from "@perfanalysis/contract/metrics";
import { containerCounters, containerFields } from "../cgroup/container-fields.ts";
import { diskstatsFields } from "../procfs/diskstats.ts";
import { netDevFields } from "../procfs/net-dev.ts";
import { cpuFields, cpuFieldsInTotal, cpuModes } from "../procfs/stat.ts";
import { mountFields } from "../sampling/mounts.ts";
import type { DeviceKind, SourceName } from "../sampling/layout.ts";
import {
  findMetric,
  growth,
  perSecond,
  round,
  wasReset,
  type Formula,
  type Interval,
} from "./formula.ts";

export interface DeviceRates {
  kind: DeviceKind;
  source: SourceName;
  columnsOf: (device: string) => string[];
  /** Sets a value per column; the device's fields lie from `offset` on. */
  formulaAt: (offset: number) => Formula;
}

/** The catalogue's: all guests are one. */
const cpuShares = [...cpuModes, "guest"] as const;

const iowaitField = cpuFields.indexOf("iowait");
const guestField = cpuFields.indexOf("guest");
const guestNiceField = cpuFields.indexOf("guest_nice");

/** `cpu` is all of them. */
function cpuColumns(cpu: string): string[] {
  return cpuShares.map((mode) =>
    cpu === "cpu"
      ? columnName(findMetric(`cpu_${mode}`))
      : columnName(findMetric(`cpu<cpu>_${mode}`), cpu.slice("cpu".length)),
  );
}

/**
 * Growth of all time of the CPU whose counters lie from `offset` on. iowait may go backwards on a machine that runs: the kernel
 * moves time that it has shown as iowait to idle (https://docs.kernel.org/filesystems/proc.html, "iowait"), so that their sum is
 * right and iowait alone is a gap. Any other of the eight that goes backwards was reset, which makes the total, and with it all
 * of this CPU's shares, a gap.
 */
export function cpuTimeGrowth(interval: Interval, offset: number): number {
  return growCpuTimes(interval, offset, cpuTimes, 0);
}

const cpuTimes = new Float64Array(cpuFieldsInTotal);

/** The same, and the growth of each of the eight from `at` on. */
function growCpuTimes(interval: Interval, offset: number, into: Float64Array, at: number): number {
  let total = 0;
  for (let field = 0; field < cpuFieldsInTotal; field += 1) {
    const index = offset + field;
    const grown = growth(interval, index);
    into[at + field] = grown;
    total +=
      field === iowaitField
        ? (interval.after[index] ?? Number.NaN) - (interval.before[index] ?? Number.NaN)
        : grown;
  }
  return total > 0 ? total : Number.NaN;
}

function cpuFormula(offset: number): Formula {
  return (interval, row, column) => {
    const scale = 100 / growCpuTimes(interval, offset, row, column);
    for (let field = 0; field < cpuFieldsInTotal; field += 1) {
      row[column + field] = round(Math.min(100, (row[column + field] ?? Number.NaN) * scale));
    }
    const guests =
      growth(interval, offset + guestField) + growth(interval, offset + guestNiceField);
    row[column + cpuFieldsInTotal] = round(Math.min(100, guests * scale));
  };
}

const bytesOfSector = 512;
const diskMetrics = listMetrics("disk_<device>_", [
  "reads",
  "writes",
  "read_bytes",
  "write_bytes",
  "discards",
  "await_ms",
  "queue",
  "busy",
]);
const disk = toIndices(diskstatsFields);

/** A device of which any counter went backwards was reset or replaced: all of it is a gap. */
function diskFormula(offset: number): Formula {
  return (interval, row, column) => {
    if (wasReset(interval, offset, diskstatsFields.length, disk.in_flight)) {
      row.fill(Number.NaN, column, column + diskMetrics.length);
      return;
    }
    const grown = (field: number): number => growth(interval, offset + field);
    row[column] = perSecond(interval, offset + disk.reads);
    row[column + 1] = perSecond(interval, offset + disk.writes);
    row[column + 2] = perSecond(interval, offset + disk.read_sectors, bytesOfSector);
    row[column + 3] = perSecond(interval, offset + disk.write_sectors, bytesOfSector);
    row[column + 4] = perSecond(interval, offset + disk.discards);
    const discards = grown(disk.discards);
    // Before kernel 4.18 there were no discards to count.
    const counted = !Number.isNaN(discards);
    const requests = grown(disk.reads) + grown(disk.writes) + (counted ? discards : 0);
    const spentMs =
      grown(disk.read_ms) + grown(disk.write_ms) + (counted ? grown(disk.discard_ms) : 0);
    row[column + 5] = requests > 0 ? round(spentMs / requests) : Number.NaN;
    row[column + 6] = perSecond(interval, offset + disk.weighted_ms, 1 / 1000);
    row[column + 7] = Math.min(100, perSecond(interval, offset + disk.io_ms, 100 / 1000));
  };
}

const interfaceMetrics = listMetrics("net_<interface>_", [
  "rx_bytes",
  "tx_bytes",
  "rx_packets",
  "tx_packets",
  "rx_errors",
  "tx_errors",
  "rx_drops",
  "tx_drops",
]);
const interfaceFields = interfaceMetrics.map(({ name }) =>
  netDevFields.findIndex((field) => name.endsWith(`>_${field}`)),
);

function interfaceFormula(offset: number): Formula {
  return (interval, row, column) => {
    const reset = wasReset(interval, offset, netDevFields.length, -1);
    for (let index = 0; index < interfaceFields.length; index += 1) {
      const field = interfaceFields[index] ?? Number.NaN;
      row[column + index] = reset ? Number.NaN : perSecond(interval, offset + field);
    }
  };
}

function listMetrics(prefix: string, fields: readonly string[]): Metric[] {
  return fields.map((field) => findMetric(`${prefix}${field}`));
}

const mountMetrics = listMetrics("fs_<mount>_", [
  "size_bytes",
  "free_bytes",
  "available_bytes",
  "used",
  "inodes",
  "inodes_free",
]);

const mount = toIndices(mountFields);

/** As df(1) reckons: what is kept for root counts neither as used nor as available. */
function mountFormula(offset: number): Formula {
  return ({ after }, row, column) => {
    const read = (field: number): number => after[offset + field] ?? Number.NaN;
    const blockBytes = read(mount.block_bytes);
    const used = read(mount.blocks) - read(mount.blocks_free);
    const usable = used + read(mount.blocks_available);
    const inodes = read(mount.inodes);
    row[column] = blockBytes * read(mount.blocks);
    row[column + 1] = blockBytes * read(mount.blocks_free);
    row[column + 2] = blockBytes * read(mount.blocks_available);
    row[column + 3] =
      used >= 0 && usable > 0 ? round(Math.min(100, (100 * used) / usable)) : Number.NaN;
    row[column + 4] = inodes > 0 ? inodes : Number.NaN;
    row[column + 5] = inodes > 0 ? read(mount.inodes_free) : Number.NaN;
  };
}

const containerMetrics = listMetrics("container_<container>_", [
  "cpu",
  "cpu_limit",
  "throttled",
  "memory_bytes",
  "memory_limit_bytes",
  "memory_anonymous_bytes",
  "memory_file_bytes",
  "read_bytes",
  "write_bytes",
  "reads",
  "writes",
  "pids",
  "oom_kills",
]);

const container = toIndices(containerFields);

/** A container of which any counter went backwards was started anew: all of its rates are gaps. */
function containerFormula(offset: number): Formula {
  return (interval, row, column) => {
    const { after } = interval;
    const read = (field: number): number => after[offset + field] ?? Number.NaN;
    const reset = wasReset(interval, offset, containerCounters.length, -1);
    const rate = (field: number, factor = 1): number =>
      reset ? Number.NaN : perSecond(interval, offset + field, factor);
    const periods = reset ? Number.NaN : growth(interval, offset + container.nr_periods);
    const throttled = growth(interval, offset + container.nr_throttled);
    row[column] = rate(container.usage_usec, 100 / 1e6);
    row[column + 1] = round((100 * read(container.quota_usec)) / read(container.period_usec));
    row[column + 2] = periods > 0 ? round(Math.min(100, (100 * throttled) / periods)) : Number.NaN;
    row[column + 3] = read(container.memory_current);
    row[column + 4] = read(container.memory_max);
    row[column + 5] = read(container.anon);
    row[column + 6] = read(container.file);
    row[column + 7] = rate(container.rbytes);
    row[column + 8] = rate(container.wbytes);
    row[column + 9] = rate(container.rios);
    row[column + 10] = rate(container.wios);
    row[column + 11] = read(container.pids_current);
    row[column + 12] = rate(container.oom_kill);
  };
}

/** What exists once per device, by kind. */
export const deviceRates: readonly DeviceRates[] = [
  { kind: "cpu", source: "cpu", columnsOf: cpuColumns, formulaAt: cpuFormula },
  { kind: "disk", source: "diskstats", columnsOf: named(diskMetrics), formulaAt: diskFormula },
  {
    kind: "interface",
    source: "net/dev",
    columnsOf: named(interfaceMetrics),
    formulaAt: interfaceFormula,
  },
  { kind: "mount", source: "mounts", columnsOf: named(mountMetrics), formulaAt: mountFormula },
  {
    kind: "container",
    source: "containers",
    columnsOf: named(containerMetrics),
    formulaAt: containerFormula,
  },
];

function named(metricsOfDevice: readonly Metric[]): (device: string) => string[] {
  return (device) => metricsOfDevice.map((metric) => columnName(metric, device));
}

/** Where each field's value stands in its row. */
function toIndices<Name extends string>(fields: readonly Name[]): Record<Name, number> {
  // The entries are made from `fields`, which are all the names.
  return Object.fromEntries(fields.map((field, index) => [field, index])) as Record<Name, number>;
}
