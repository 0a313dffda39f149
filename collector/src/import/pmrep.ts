// Performance Co-Pilot's `pmrep -o csv`: https://man7.org/linux/man-pages/man1/pmrep.1.html, names and units in pmns(5) of
// pmdalinux. Counters are rates by then, in the metric's own unit a second: CPU times and those of disks in ms/s, pressure in µs/s,
// memory and disks in KiB. The header does not tell units, so that they must not have been changed with -b, -y or -q.
import type { FormatReader } from "../capture/read.ts";
import { parseCell, quoteCell, requireCount, splitCsv } from "./cells.ts";
import { RowBuilder, type CpuTimes } from "./imported-row.ts";
import { noteZone, type ImportOptions } from "./import-reader.ts";
import { parseLocalS, parseTimeZone } from "./time-zone.ts";

const kib = 1024;

/** Metrics that are there once: the catalogue's name, and what one of their unit is. */
const machineMetrics: Readonly<Record<string, [name: string, factor: number]>> = {
  "kernel.all.load-1 minute": ["load1", 1],
  "kernel.all.load-5 minute": ["load5", 1],
  "kernel.all.load-15 minute": ["load15", 1],
  "kernel.all.running": ["procs_running", 1],
  "kernel.all.blocked": ["procs_blocked", 1],
  "kernel.all.pswitch": ["context_switches", 1],
  "kernel.all.intr": ["interrupts", 1],
  "kernel.all.sysfork": ["forks", 1],
  "mem.physmem": ["mem_total", kib],
  "mem.util.free": ["mem_free", kib],
  "mem.util.available": ["mem_available", kib],
  "mem.util.bufmem": ["mem_buffers", kib],
  "mem.util.cached": ["mem_cached", kib],
  "mem.util.slab": ["mem_slab", kib],
  "mem.util.dirty": ["mem_dirty", kib],
  "mem.util.anonpages": ["mem_anonymous", kib],
  "mem.util.committed_AS": ["mem_committed", kib],
  "mem.util.swapTotal": ["swap_total", kib],
  "mem.util.swapFree": ["swap_free", kib],
  "mem.vmstat.pgpgin": ["vm_pgin_bytes", kib],
  "mem.vmstat.pgpgout": ["vm_pgout_bytes", kib],
  "mem.vmstat.pswpin": ["vm_swapin_pages", 1],
  "mem.vmstat.pswpout": ["vm_swapout_pages", 1],
  "mem.vmstat.pgfault": ["vm_faults", 1],
  "mem.vmstat.pgmajfault": ["vm_major_faults", 1],
  "mem.vmstat.oom_kill": ["vm_oom_kills", 1],
  ...Object.fromEntries(
    ["cpu", "io", "memory"].flatMap((resource) =>
      ["some", "full"].map((share) => [
        `kernel.all.pressure.${resource}.${share}.total`,
        [`psi_${resource}_${share}`, 100 / 1e6],
      ]),
    ),
  ),
};

const cpuFields: Readonly<Record<string, keyof CpuTimes>> = {
  user: "user",
  nice: "nice",
  sys: "system",
  idle: "idle",
  "wait.total": "iowait",
  "irq.hard": "irq",
  "irq.soft": "softirq",
  steal: "steal",
  guest: "guest",
  guest_nice: "guest_nice",
};

const diskFields: Readonly<Record<string, [field: string, factor: number]>> = {
  read: ["reads", 1],
  write: ["writes", 1],
  discard: ["discards", 1],
  read_bytes: ["read_bytes", kib],
  write_bytes: ["write_bytes", kib],
  avactive: ["busy", 100 / 1000],
  aveq: ["queue", 1 / 1000],
};
/** ms a second that requests took, which give the mean time of one. */
const spentFields = ["read_rawactive", "write_rawactive", "discard_rawactive"];

const interfaceFields: Readonly<Record<string, string>> = {
  "in.bytes": "rx_bytes",
  "out.bytes": "tx_bytes",
  "in.packets": "rx_packets",
  "out.packets": "tx_packets",
  "in.errors": "rx_errors",
  "out.errors": "tx_errors",
  "in.drops": "rx_drops",
  "out.drops": "tx_drops",
};

/** What the cells of a row are. */
interface Columns {
  count: number;
  hostAt: number;
  timeAt: number;
  machine: { at: number; name: string; factor: number }[];
  /** By CPU, null for all of them: the place of each kind of time. */
  cpus: { cpu: string | null; places: ReadonlyMap<string, number> }[];
  disks: { disk: string; places: ReadonlyMap<string, number> }[];
  interfaces: { name: string; field: string; at: number }[];
}

export function createPmrepReader({
  visitor,
  filters,
  timeZone,
  summary,
}: ImportOptions): FormatReader {
  const builder = new RowBuilder(filters);
  let columns: Columns | null = null;
  let header = "";
  let beforeS = Number.NaN;
  let hostIsTold = false;

  return {
    line(bytes, start, end) {
      const line = bytes.toString("utf8", start, end).replace(/\r$/, "");
      if (columns === null || line === header) {
        header = line;
        columns = parseHeader(splitCsv(line));
        return;
      }
      const cells = splitCsv(line);
      requireCount(cells, columns.count);
      const timestampS = readTime(cells[columns.timeAt] ?? "", columns.timeAt);
      builder.start(timestampS, Number.isNaN(beforeS) ? null : timestampS - beforeS);
      beforeS = timestampS;
      readRow(builder, columns, cells);
      const host = cells[columns.hostAt] ?? "";
      if (!hostIsTold && host !== "" && !/^(?:localhost|local:)/.test(host)) visitor.host(host);
      hostIsTold = true;
      summary.samples += 1;
      visitor.row(builder.finish());
    },
    acceptsTail: () => false,
    end() {},
  };

  function readTime(text: string, at: number): number {
    const match =
      /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(\.\d{1,9})? ?(Z|(?:UTC)?[+-]\d{1,4}(?::\d\d)?)?$/.exec(
        text,
      );
    const [, year, month, day, hour, minute, second, fraction = "0", zone] = match ?? [];
    const localS = parseLocalS(
      [Number(year), Number(month), Number(day)],
      [Number(hour), Number(minute), Number(second)],
    );
    if (match === null || localS === null) {
      throw new SyntaxError(
        `column ${at + 1}: Time is ${quoteCell(text)}, not YYYY-MM-DD HH:MM:SS`,
      );
    }
    if (zone === undefined) noteZone(summary, timeZone);
    const used = zone === undefined ? timeZone : (parseTimeZone(zone) ?? timeZone);
    return used.toUnixS(localS, beforeS) + Number(fraction);
  }
}

/** @throws SyntaxError where no column is known. */
function parseHeader(names: readonly string[]): Columns {
  const cpus = new Map<string, Map<string, number>>();
  const disks = new Map<string, Map<string, number>>();
  const columns: Columns = {
    count: names.length,
    hostAt: names.indexOf("Host"),
    timeAt: names.indexOf("Time"),
    machine: [],
    cpus: [],
    disks: [],
    interfaces: [],
  };
  if (columns.timeAt === -1) throw new SyntaxError("the header has no column Time");
  for (const [at, name] of names.entries()) {
    const whole = machineMetrics[name];
    // Names of metrics have no dash; what stands behind the first is the instance.
    const [, metric = "", instance = ""] = /^([^-]*)-?(.*)$/.exec(name) ?? [];
    const [, group = "", field = ""] =
      /^(kernel\.all\.cpu|kernel\.percpu\.cpu|disk\.dev|network\.interface)\.(.+)$/.exec(metric) ??
      [];
    if (whole !== undefined) columns.machine.push({ at, name: whole[0], factor: whole[1] });
    else if (group.endsWith(".cpu") && Object.hasOwn(cpuFields, field)) {
      place(cpus, instance, cpuFields[field] ?? "", at);
    } else if (group === "disk.dev") place(disks, instance, field, at);
    else if (group !== "" && Object.hasOwn(interfaceFields, field)) {
      columns.interfaces.push({ name: instance, field: interfaceFields[field] ?? "", at });
    }
  }
  for (const [instance, places] of cpus) {
    const number = /^cpu(\d{1,5})$/.exec(instance)?.[1];
    if (instance === "" || number !== undefined) columns.cpus.push({ cpu: number ?? null, places });
  }
  for (const [disk, places] of disks) columns.disks.push({ disk, places });
  const known = columns.machine.length + cpus.size + disks.size + columns.interfaces.length;
  if (known === 0) {
    throw new SyntaxError("no metric of the header is known: see docs/import.md for the command");
  }
  return columns;
}

function place(
  places: Map<string, Map<string, number>>,
  instance: string,
  field: string,
  at: number,
): void {
  const fields = places.get(instance);
  if (fields === undefined) places.set(instance, new Map([[field, at]]));
  else fields.set(field, at);
}

function readRow(builder: RowBuilder, columns: Columns, cells: readonly string[]): void {
  const read = (at: number | undefined): number =>
    at === undefined ? Number.NaN : parseCell(cells, at, "the value");
  let totalBytes = Number.NaN;
  for (const { at, name, factor } of columns.machine) {
    const value = read(at) * factor;
    builder.set(name, value);
    if (name === "mem_total") totalBytes = value;
  }
  const available = columns.machine.find(({ name }) => name === "mem_available");
  if (available !== undefined) builder.set("mem_used", totalBytes - read(available.at) * kib);
  for (const { cpu, places } of columns.cpus) {
    const time = (name: keyof CpuTimes): number => read(places.get(name));
    builder.setCpuTimes(cpu, {
      user: time("user"),
      nice: time("nice"),
      system: time("system"),
      idle: time("idle"),
      iowait: time("iowait"),
      irq: time("irq"),
      softirq: time("softirq"),
      steal: time("steal"),
      guest: time("guest"),
      guest_nice: time("guest_nice"),
    });
  }
  for (const { disk, places } of columns.disks)
    readDisk(builder, disk, (field) => read(places.get(field)));
  for (const { name, field, at } of columns.interfaces) {
    builder.setDevice("interface", name, field, read(at));
  }
}

function readDisk(builder: RowBuilder, disk: string, read: (field: string) => number): void {
  for (const [from, [field, factor]] of Object.entries(diskFields)) {
    builder.setDevice("disk", disk, field, read(from) * factor);
  }
  // Before kernel 4.18 there were no discards to count.
  const orNone = (value: number): number => (Number.isNaN(value) ? 0 : value);
  const requests = read("read") + read("write") + orNone(read("discard"));
  const [reading = Number.NaN, writing = Number.NaN, discarding = Number.NaN] =
    spentFields.map(read);
  const spentMs = reading + writing + orNone(discarding);
  builder.setDevice("disk", disk, "await_ms", requests > 0 ? spentMs / requests : Number.NaN);
}
