// nmon's files, `nmon -f`: https://nmon.sourceforge.io/, lmon16n.c. Lines of CSV: a heading per section, then per snapshot a line
// `ZZZZ,T0001,HH:MM:SS,DD-MON-YYYY` and one of each section.
//
// CPU_ALL has nice in User% and interrupts in Sys%, so that only idle, wait and steal are the catalogue's; `nmon -U` adds
// CPUUTIL_ALL with all of them, as percent of one CPU. Transfers of disks are reads and writes together, and left out.
// VM has growths over the interval, everything else rates.
import type { FormatReader } from "../capture/read.ts";
import { parseCell, quoteCell } from "./cells.ts";
import { RowBuilder } from "./imported-row.ts";
import { note, noteZone, type ImportOptions } from "./import-reader.ts";
import { parseLocalS } from "./time-zone.ts";

const kib = 1024;
const mib = 1024 * 1024;

const memoryColumns: Readonly<Record<string, string>> = {
  memtotal: "mem_total",
  memfree: "mem_free",
  cached: "mem_cached",
  buffers: "mem_buffers",
  swaptotal: "swap_total",
  swapfree: "swap_free",
};

const vmColumns: Readonly<Record<string, [name: string, factor: number]>> = {
  pgpgin: ["vm_pgin_bytes", kib],
  pgpgout: ["vm_pgout_bytes", kib],
  pswpin: ["vm_swapin_pages", 1],
  pswpout: ["vm_swapout_pages", 1],
  pgfault: ["vm_faults", 1],
  pgmajfault: ["vm_major_faults", 1],
};

const diskSections: Readonly<Record<string, [field: string, factor: number]>> = {
  DISKREAD: ["read_bytes", kib],
  DISKWRITE: ["write_bytes", kib],
  DISKBUSY: ["busy", 1],
};

const interfaceSections: Readonly<Record<string, readonly [RegExp, number, string]>> = {
  NET: [/^(.+)-(read|write)-KB\/s$/, kib, "bytes"],
  NETPACKET: [/^(.+)-(read|write)\/s$/, 1, "packets"],
};

export function createNmonReader({
  visitor,
  filters,
  timeZone,
  summary,
}: ImportOptions): FormatReader {
  const builder = new RowBuilder(filters);
  /** Names of the columns, by section. */
  const headings = new Map<string, string[]>();
  let snapshot: string | null = null;
  let intervalS = Number.NaN;
  let beforeS = Number.NaN;
  let elapsedS = Number.NaN;
  let hasUtilisation = false;

  return {
    line(bytes, start, end) {
      const line = bytes.toString("utf8", start, end).replace(/\r$/, "");
      const cells = line.split(",");
      const [section = "", second = ""] = cells;
      if (section === "AAA") readFact(second, cells[2] ?? "");
      else if (section === "ZZZZ") startSnapshot(cells);
      else if (/^T\d{4,}$/.test(second)) readSection(section, second, cells);
      else if (/^[A-Z][A-Z0-9_]*$/.test(section) && !section.startsWith("BBB")) {
        headings.set(section, cells);
      } else if (!/^[A-Z]/.test(section)) {
        throw new SyntaxError(
          `${quoteCell(line)} is no line of nmon: its beginning may be cut off; copy the file anew, or go on behind it with --skip-damaged`,
        );
      }
    },
    acceptsTail: () => false,
    end() {
      endSnapshot();
      if (summary.samples === 0) {
        throw new SyntaxError(
          'the file ends here, before its first snapshot ("ZZZZ,T0001,…"): it is cut off, or nmon has not got so far; copy it anew, or wait for nmon',
        );
      }
      if (headings.has("CPU_ALL") && !hasUtilisation) {
        note(
          summary,
          "its CPU times have nice in user and interrupts in system: give nmon -U for cpu_user and more",
        );
      }
    },
  };

  function readFact(name: string, value: string): void {
    if (name === "host" && value !== "") visitor.host(value);
    if (name === "interval" && /^\d{1,6}$/.test(value)) intervalS = Number(value);
  }

  function startSnapshot(cells: readonly string[]): void {
    endSnapshot();
    const [, name = "", time = "", date = ""] = cells;
    const timestampS = readTime(time, date);
    const passedS = timestampS - beforeS;
    // Times are whole seconds: an interval is what was asked for, unless a snapshot came late.
    elapsedS = Math.abs(passedS - intervalS) <= 1 ? intervalS : passedS;
    beforeS = timestampS;
    snapshot = name;
    builder.start(timestampS, Number.isNaN(elapsedS) ? null : elapsedS);
  }

  function endSnapshot(): void {
    if (snapshot === null) return;
    summary.samples += 1;
    visitor.row(builder.finish());
    snapshot = null;
  }

  function readTime(time: string, date: string): number {
    const clock = /^(\d\d):(\d\d)[:.](\d\d)$/.exec(time);
    const day = /^(\d{1,2})-([A-Z]{3})-(\d{4})$/i.exec(date);
    const month = months.indexOf((day?.[2] ?? "").toUpperCase()) + 1;
    const localS = parseLocalS(
      [Number(day?.[3]), month, Number(day?.[1])],
      [Number(clock?.[1]), Number(clock?.[2]), Number(clock?.[3])],
    );
    if (clock === null || day === null || localS === null) {
      throw new SyntaxError(
        `column 3: the time is ${quoteCell(`${time},${date}`)}, not HH:MM:SS,DD-MON-YYYY`,
      );
    }
    noteZone(summary, timeZone);
    return timeZone.toUnixS(localS, beforeS);
  }

  function readSection(section: string, name: string, cells: readonly string[]): void {
    if (name !== snapshot) {
      throw new SyntaxError(
        `snapshot ${name} has no line "ZZZZ,${name},…" before it: give the file as nmon wrote it, not sorted`,
      );
    }
    const heading = headings.get(section) ?? [];
    if (section === "CPU_ALL") readShares(null, heading, cells);
    else if (/^CPU\d+$/.test(section)) readShares(toCpu(section, 1), heading, cells);
    else if (section === "CPUUTIL_ALL") readTimes(null, cells);
    else if (/^CPUUTIL\d+$/.test(section)) readTimes(toCpu(section, 0), cells);
    else if (section === "MEM") {
      for (const [at, column] of heading.entries()) {
        const metric = memoryColumns[column];
        if (metric !== undefined)
          builder.set(metric, Math.round(parseCell(cells, at, column) * mib));
      }
    } else if (section === "PROC") readTasks(heading, cells);
    else if (section === "VM") readGrowths(heading, cells);
    else readDevices(section, heading, cells);
  }

  /** CPU001 is the kernel's cpu0, and so is CPUUTIL000. */
  function toCpu(section: string, first: number): string {
    return String(Number(section.replace(/^\D+/, "")) - first);
  }

  function readShares(
    cpu: string | null,
    heading: readonly string[],
    cells: readonly string[],
  ): void {
    const share = (column: string): number => {
      const at = heading.indexOf(column);
      return at === -1 ? Number.NaN : parseCell(cells, at, column);
    };
    builder.setCpu(cpu, {
      idle: share("Idle%"),
      iowait: share("Wait%"),
      ...(heading.includes("Steal%") ? { steal: share("Steal%") } : {}),
    });
  }

  function readTimes(cpu: string | null, cells: readonly string[]): void {
    hasUtilisation = true;
    // The headings of single CPUs are numbered otherwise than their lines.
    const heading = headings.get("CPUUTIL_ALL") ?? [];
    const time = (column: string): number => parseCell(cells, heading.indexOf(column), column);
    builder.setCpuTimes(cpu, {
      user: time("User%"),
      nice: time("Nice%"),
      system: time("Sys%"),
      idle: time("Idle%"),
      iowait: time("Wait%"),
      irq: time("Irq%"),
      softirq: time("Softirq%"),
      steal: time("Steal%"),
      guest: time("Guest%"),
      guest_nice: time("Guest_nice%"),
    });
  }

  /** The first snapshot has zeros for rates. */
  function readTasks(heading: readonly string[], cells: readonly string[]): void {
    const read = (column: string): number =>
      heading.includes(column) ? parseCell(cells, heading.indexOf(column), column) : Number.NaN;
    const isFirst = summary.samples === 0;
    builder.set("procs_running", read("Runnable"));
    builder.set("procs_blocked", read("Blocked"));
    builder.set("context_switches", isFirst ? Number.NaN : read("pswitch"));
    builder.set("forks", isFirst ? Number.NaN : read("fork"));
  }

  /** The first snapshot's interval is not known. */
  function readGrowths(heading: readonly string[], cells: readonly string[]): void {
    for (const [at, column] of heading.entries()) {
      const known = vmColumns[column];
      if (known === undefined) continue;
      const growth = parseCell(cells, at, column) * known[1];
      builder.set(known[0], summary.samples === 0 ? Number.NaN : growth / elapsedS);
    }
  }

  /** A section of many devices goes on in others, which have a number behind their name. */
  function readDevices(
    section: string,
    heading: readonly string[],
    cells: readonly string[],
  ): void {
    const disk = diskSections[section.replace(/\d+$/, "")];
    const network = interfaceSections[section];
    for (const [at, column] of heading.entries()) {
      if (at < 2 || column === "") continue;
      if (disk !== undefined) {
        builder.setDevice("disk", column, disk[0], parseCell(cells, at, column) * disk[1]);
      }
      const [, name, way] = network?.[0].exec(column) ?? [];
      if (network === undefined || name === undefined) continue;
      const field = `${way === "read" ? "rx" : "tx"}_${network[2]}`;
      builder.setDevice("interface", name, field, parseCell(cells, at, column) * network[1]);
    }
  }
}

const months = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
