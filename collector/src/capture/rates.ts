// Raw counters → the catalogue's metrics: the formulas of contract/src/metrics.ts, the only place where they are computed.
// NaN is a gap, and goes through every formula by itself: a device that was not there before, a source that failed, and the
// first sample have NaN before, and so give gaps.
import { columnName } from "@perfanalysis/contract/columns";
import { metrics, type Metric } from "@perfanalysis/contract/metrics";
import { diskstatsFields } from "../procfs/diskstats.ts";
import { netDevFields } from "../procfs/net-dev.ts";
import { cpuFields, cpuFieldsInTotal } from "../procfs/stat.ts";
import { offsetOf, sources, type Layout, type SourceName } from "../sampling/layout.ts";

/** Two samples of one layout, and the seconds that really passed between them. */
export interface Interval {
  before: Float64Array;
  after: Float64Array;
  elapsedS: number;
}

export interface Rates {
  /** Names by the CSV standard. */
  columns: readonly string[];
  /** Sets a value per column; NaN is a gap. */
  compute(interval: Interval, row: Float64Array): void;
}

/** Sets the values of some columns, from `column` on. */
type Formula = (interval: Interval, row: Float64Array, column: number) => void;

export function createRates(layout: Layout): Rates {
  const columns: string[] = [];
  const steps: { column: number; formula: Formula }[] = [];
  const add = (names: string[], formula: Formula): void => {
    steps.push({ column: columns.length, formula });
    columns.push(...names);
  };

  const cpuOffset = offsetOf(layout, "cpu");
  for (const [row, cpu] of layout.devices.cpu.entries()) {
    const offset = cpuOffset + row * cpuFields.length;
    const device = cpu === "cpu" ? null : cpu.slice("cpu".length);
    add(cpuColumns(device), cpuFormula(offset));
  }
  for (const [name, formula] of machineFormulas(layout)) add([name], formula);
  const diskOffset = offsetOf(layout, "diskstats");
  for (const [row, disk] of layout.devices.disk.entries()) {
    add(
      diskMetrics.map((metric) => columnName(metric, disk)),
      diskFormula(diskOffset + row * diskstatsFields.length),
    );
  }
  const interfaceOffset = offsetOf(layout, "net/dev");
  for (const [row, name] of layout.devices.interface.entries()) {
    add(
      interfaceMetrics.map((metric) => columnName(metric, name)),
      interfaceFormula(interfaceOffset + row * netDevFields.length),
    );
  }

  return {
    columns,
    compute(interval, row) {
      for (const { column, formula } of steps) formula(interval, row, column);
    },
  };
}

/** Growth of a counter; NaN where it went backwards, is beyond what a double counts exactly, or was not measured. */
export function growth({ before, after }: Interval, index: number): number {
  const now = after[index] ?? Number.NaN;
  const grown = now - (before[index] ?? Number.NaN);
  return grown >= 0 && now <= Number.MAX_SAFE_INTEGER ? grown : Number.NaN;
}

/** Counters do not tell more than this: 4 decimals from 1 up, 6 below. */
function round(value: number): number {
  if (value >= 1e9) return value;
  return value >= 1 ? Math.round(value * 1e4) / 1e4 : Math.round(value * 1e6) / 1e6;
}

function perSecond(interval: Interval, index: number, factor = 1): number {
  return interval.elapsedS > 0
    ? round((growth(interval, index) * factor) / interval.elapsedS)
    : Number.NaN;
}

const bytesOfKib = 1024;
const bytesOfSector = 512;

function machineFormulas(layout: Layout): [name: string, formula: Formula][] {
  const index = (source: SourceName, field: string): number => {
    const fields: readonly string[] = sources.find(({ name }) => name === source)?.fields ?? [];
    const at = fields.indexOf(field);
    if (at === -1) throw new RangeError(`Cannot find field "${field}" in source "${source}"`);
    return offsetOf(layout, source) + at;
  };
  const gauge = (
    name: string,
    source: SourceName,
    field: string,
    factor = 1,
  ): [string, Formula] => {
    const at = index(source, field);
    return [
      name,
      ({ after }, row, column) => {
        row[column] = (after[at] ?? Number.NaN) * factor;
      },
    ];
  };
  const rate = (name: string, source: SourceName, field: string, factor = 1): [string, Formula] => {
    const at = index(source, field);
    return [
      name,
      (interval, row, column) => {
        row[column] = perSecond(interval, at, factor);
      },
    ];
  };
  const memory = (name: string, field: string): [string, Formula] =>
    gauge(name, "meminfo", field, bytesOfKib);
  const total = index("meminfo", "MemTotal");
  const available = index("meminfo", "MemAvailable");
  return [
    gauge("load1", "loadavg", "load1"),
    gauge("load5", "loadavg", "load5"),
    gauge("load15", "loadavg", "load15"),
    gauge("procs_running", "stat", "procs_running"),
    gauge("procs_blocked", "stat", "procs_blocked"),
    rate("context_switches", "stat", "ctxt"),
    rate("interrupts", "stat", "intr"),
    rate("forks", "stat", "processes"),
    memory("mem_total", "MemTotal"),
    memory("mem_free", "MemFree"),
    memory("mem_available", "MemAvailable"),
    [
      "mem_used",
      ({ after }, row, column) => {
        const kib = (after[total] ?? Number.NaN) - (after[available] ?? Number.NaN);
        row[column] = kib >= 0 ? kib * bytesOfKib : Number.NaN;
      },
    ],
    memory("mem_buffers", "Buffers"),
    memory("mem_cached", "Cached"),
    memory("mem_slab", "Slab"),
    memory("mem_dirty", "Dirty"),
    memory("mem_anonymous", "AnonPages"),
    memory("mem_committed", "Committed_AS"),
    memory("swap_total", "SwapTotal"),
    memory("swap_free", "SwapFree"),
    rate("vm_pgin_bytes", "vmstat", "pgpgin", bytesOfKib),
    rate("vm_pgout_bytes", "vmstat", "pgpgout", bytesOfKib),
    rate("vm_swapin_pages", "vmstat", "pswpin"),
    rate("vm_swapout_pages", "vmstat", "pswpout"),
    rate("vm_faults", "vmstat", "pgfault"),
    rate("vm_major_faults", "vmstat", "pgmajfault"),
    rate("vm_oom_kills", "vmstat", "oom_kill"),
    ...pressureFormulas(index),
  ];
}

function pressureFormulas(
  index: (source: SourceName, field: string) => number,
): [name: string, formula: Formula][] {
  return (["cpu", "io", "memory"] as const).flatMap((resource) =>
    (["some", "full"] as const).map((share): [string, Formula] => {
      const at = index(`pressure/${resource}`, `${share}_total_us`);
      return [
        `psi_${resource}_${share}`,
        (interval, row, column) => {
          // The kernel adds up stall times of its CPUs at slightly different moments, so that 100 can be passed by a hair.
          row[column] = Math.min(100, perSecond(interval, at, 100 / 1e6));
        },
      ];
    }),
  );
}

const cpuModes = [
  "user",
  "nice",
  "system",
  "idle",
  "iowait",
  "irq",
  "softirq",
  "steal",
  "guest",
] as const;

const iowaitField = cpuFields.indexOf("iowait");
const guestField = cpuFields.indexOf("guest");
const guestNiceField = cpuFields.indexOf("guest_nice");

function cpuColumns(device: string | null): string[] {
  return cpuModes.map((mode) =>
    device === null
      ? columnName(findMetric(`cpu_${mode}`))
      : columnName(findMetric(`cpu<cpu>_${mode}`), device),
  );
}

/**
 * Growth of all time of the CPU whose counters lie from `offset` on. iowait may go backwards on a machine that runs: the kernel
 * moves time that it has shown as iowait to idle (https://docs.kernel.org/filesystems/proc.html, "iowait"), so that their sum is
 * right and iowait alone is a gap. Any other of the eight that goes backwards was reset, which makes the total, and with it all
 * of this CPU's shares, a gap.
 */
export function cpuTimeGrowth(interval: Interval, offset: number): number {
  let total = 0;
  for (let field = 0; field < cpuFieldsInTotal; field += 1) {
    const index = offset + field;
    total +=
      field === iowaitField
        ? (interval.after[index] ?? Number.NaN) - (interval.before[index] ?? Number.NaN)
        : growth(interval, index);
  }
  return total > 0 ? total : Number.NaN;
}

function cpuFormula(offset: number): Formula {
  return (interval, row, column) => {
    const scale = 100 / cpuTimeGrowth(interval, offset);
    const share = (ticks: number): number => round(Math.min(100, ticks * scale));
    for (let field = 0; field < cpuFieldsInTotal; field += 1) {
      row[column + field] = share(growth(interval, offset + field));
    }
    row[column + cpuFieldsInTotal] = share(
      growth(interval, offset + guestField) + growth(interval, offset + guestNiceField),
    );
  };
}

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
const disk = Object.fromEntries(diskstatsFields.map((field, index) => [field, index])) as Record<
  (typeof diskstatsFields)[number],
  number
>;

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

function wasReset(
  { before, after }: Interval,
  offset: number,
  length: number,
  gaugeField: number,
): boolean {
  for (let field = 0; field < length; field += 1) {
    const index = offset + field;
    if (field !== gaugeField && (after[index] ?? 0) < (before[index] ?? 0)) return true;
  }
  return false;
}

function listMetrics(prefix: string, fields: readonly string[]): Metric[] {
  return fields.map((field) => findMetric(`${prefix}${field}`));
}

function findMetric(name: string): Metric {
  const metric = metrics.find((candidate) => candidate.name === name);
  if (metric === undefined) throw new RangeError(`Cannot find metric "${name}" in the catalogue`);
  return metric;
}
