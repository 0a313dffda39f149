// collectl's plot format, `collectl -P`: https://collectl.sourceforge.net/Data.html, formatit.ph. Lines of cells between spaces
// or what --sep says, under a header `#Date Time [CPU]User% …`; with -f summary and details (-sCDN) are files of their own.
//
// Left out is what collectl computes otherwise than the catalogue: errors of interfaces in the summary (drops are in them), Wait of
// disks (discards are not in it), running tasks (some versions count themselves), used memory (cache is in it), swapping (in bytes
// of pages whose size a file need not tell).
import type { FormatReader } from "../capture/read.ts";
import { parseCell, quoteCell, requireCount } from "./cells.ts";
import { RowBuilder } from "./imported-row.ts";
import { noteZone, type ImportOptions } from "./import-reader.ts";
import { parseLocalS, parseTimeZone, type TimeZone } from "./time-zone.ts";

const kib = 1024;

const machineColumns: Readonly<Record<string, [name: string, factor: number]>> = {
  "[CPU]Intrpt/sec": ["interrupts", 1],
  "[CPU]Ctx/sec": ["context_switches", 1],
  "[CPU]Proc/sec": ["forks", 1],
  "[CPU]L-Avg1": ["load1", 1],
  "[CPU]L-Avg5": ["load5", 1],
  "[CPU]L-Avg15": ["load15", 1],
  "[CPU]BlkTot": ["procs_blocked", 1],
  "[MEM]Tot": ["mem_total", kib],
  "[MEM]Free": ["mem_free", kib],
  "[MEM]Buf": ["mem_buffers", kib],
  "[MEM]Cached": ["mem_cached", kib],
  "[MEM]Slab": ["mem_slab", kib],
  "[MEM]Anon": ["mem_anonymous", kib],
  "[MEM]Commit": ["mem_committed", kib],
  "[MEM]Dirty": ["mem_dirty", kib],
  "[MEM]SwapTot": ["swap_total", kib],
  "[MEM]SwapFree": ["swap_free", kib],
  "[MEM]PageIn": ["vm_pgin_bytes", kib],
  "[MEM]PageOut": ["vm_pgout_bytes", kib],
  "[MEM]PageFaults": ["vm_faults", 1],
  "[MEM]PageMajFaults": ["vm_major_faults", 1],
};

const cpuColumns: Readonly<Record<string, string>> = {
  "User%": "user",
  "Nice%": "nice",
  "Sys%": "system",
  "Wait%": "iowait",
  "Irq%": "irq",
  "Soft%": "softirq",
  "Steal%": "steal",
  "Idle%": "idle",
};

const diskColumns: Readonly<Record<string, [field: string, factor: number]>> = {
  Reads: ["reads", 1],
  Writes: ["writes", 1],
  RKBytes: ["read_bytes", kib],
  WKBytes: ["write_bytes", kib],
  Util: ["busy", 1],
};

const interfaceColumns: Readonly<Record<string, [field: string, factor: number]>> = {
  RxPkt: ["rx_packets", 1],
  TxPkt: ["tx_packets", 1],
  RxKB: ["rx_bytes", kib],
  TxKB: ["tx_bytes", kib],
  RxErr: ["rx_errors", 1],
  TxErr: ["tx_errors", 1],
  RxDrp: ["rx_drops", 1],
  TxDrp: ["tx_drops", 1],
};

interface Columns {
  separator: string;
  count: number;
  /** The first cell is Unix seconds, as with -oU; otherwise two are a date and a time. */
  unixTimes: boolean;
  machine: { at: number; name: string; factor: number }[];
  cpus: Map<string | null, { at: number; field: string }[]>;
  devices: {
    scope: "disk" | "interface";
    device: string;
    at: number;
    field: string;
    factor: number;
  }[];
}

export function createCollectlReader({
  visitor,
  filters,
  timeZone,
  summary,
}: ImportOptions): FormatReader {
  const builder = new RowBuilder(filters);
  let columns: Columns | null = null;
  let zone: TimeZone | null = null;
  let intervalS: number | null = null;
  let beforeS = Number.NaN;
  /** Where the header stands that the row before did not have, if it is another than that. */
  let newHeaderLine: number | null = null;

  return {
    line(bytes, start, end, lineNumber) {
      const line = bytes.toString("utf8", start, end).replace(/\r$/, "");
      if (line.startsWith("#")) {
        if (readComment(line)) newHeaderLine = lineNumber;
        return;
      }
      if (columns === null) {
        if (line.startsWith("waiting for ")) return;
        throw new SyntaxError(`${quoteCell(line)} stands before the header "#Date …"`);
      }
      const cells = line.split(columns.separator);
      requireCount(
        cells,
        columns.count,
        ": the line is cut off or of another file; give each file of collectl by itself, with --input",
      );
      const timestampS = readTime(cells, columns);
      const elapsedS = timestampS - beforeS;
      // A row of the time before is lost behind others; that of a clock set back has no header before it.
      if (newHeaderLine !== null && elapsedS <= 0) {
        throw new SyntaxError(
          `behind the header of line ${newHeaderLine} the time goes back: files were put one behind the other; give each of them by itself, with --input, which puts them together`,
        );
      }
      newHeaderLine = null;
      builder.start(timestampS, elapsedS > 0 ? elapsedS : intervalS);
      beforeS = timestampS;
      readRow(builder, columns, cells);
      summary.samples += 1;
      visitor.row(builder.finish());
    },
    acceptsTail: () => false,
    end() {},
  };

  /** Whether it is a header. */
  function readComment(line: string): boolean {
    const isHeader = /^#(?:Date|UTC)\W/.test(line);
    if (isHeader) columns = parseHeader(line);
    const host = /^# Host: +(\S+)/.exec(line)?.[1];
    if (host !== undefined) visitor.host(host);
    const offset = /^# Date: .* TZ: +([+-]\d{4})/.exec(line)?.[1];
    if (offset !== undefined) zone = parseTimeZone(offset);
    const interval = /^# SubSys: .* Interval: (\d+(?:\.\d+)?)/.exec(line)?.[1];
    if (interval !== undefined) intervalS = Number(interval);
    return isHeader;
  }

  function readTime(cells: readonly string[], { unixTimes }: Columns): number {
    const [date = "", time = ""] = cells;
    if (unixTimes) {
      if (/^\d{1,12}(?:\.\d{1,6})?$/.test(date)) return Number(date);
      throw new SyntaxError(`column 1: UTC is ${quoteCell(date)}, not Unix seconds`);
    }
    const day = /^(\d{4})-?(\d\d)-?(\d\d)$/.exec(date);
    const clock = /^(\d\d):(\d\d):(\d\d)(\.\d{1,6})?$/.exec(time);
    const [, hour, minute, second, fraction = "0"] = clock ?? [];
    const localS = parseLocalS(
      [Number(day?.[1]), Number(day?.[2]), Number(day?.[3])],
      [Number(hour), Number(minute), Number(second)],
    );
    if (day === null || clock === null || localS === null) {
      throw new SyntaxError(
        `column 1: the time is ${quoteCell(`${date} ${time}`)}, not YYYYMMDD HH:MM:SS`,
      );
    }
    if (zone === null) noteZone(summary, timeZone);
    return (zone ?? timeZone).toUnixS(localS, beforeS) + Number(fraction);
  }
}

/** @throws SyntaxError where no column is known. */
function parseHeader(line: string): Columns {
  // The separator is what stands behind the first name.
  const unixTimes = line.startsWith("#UTC");
  const separator = line[unixTimes ? "#UTC".length : "#Date".length] ?? " ";
  const names = line.split(separator);
  const columns: Columns = {
    separator,
    count: names.length,
    unixTimes,
    machine: [],
    cpus: new Map(),
    devices: [],
  };
  for (const [at, name] of names.entries()) {
    const whole = machineColumns[name];
    const [, group = "", device = null, column = ""] =
      /^\[(CPU|DSK|NET)(?::([^\]]+))?\](.+)$/.exec(name) ?? [];
    if (whole !== undefined) columns.machine.push({ at, name: whole[0], factor: whole[1] });
    else if (group === "CPU" && (device === null || /^\d{1,5}$/.test(device))) {
      const field = cpuColumns[column] ?? (/^GuestN?%$/.test(column) ? "guest" : null);
      if (field === null) continue;
      const places = columns.cpus.get(device) ?? [];
      columns.cpus.set(device, [...places, { at, field }]);
    } else if (device !== null) {
      const scope = group === "DSK" ? "disk" : "interface";
      const known = (scope === "disk" ? diskColumns : interfaceColumns)[column];
      if (known === undefined) continue;
      columns.devices.push({ scope, device, at, field: known[0], factor: known[1] });
    }
  }
  if (columns.machine.length + columns.cpus.size + columns.devices.length === 0) {
    throw new SyntaxError("no column of the header is known: see docs/import.md for the command");
  }
  return columns;
}

function readRow(builder: RowBuilder, columns: Columns, cells: readonly string[]): void {
  for (const { at, name, factor } of columns.machine) {
    builder.set(name, parseCell(cells, at, name) * factor);
  }
  for (const [cpu, places] of columns.cpus) {
    const shares: Record<string, number> = {};
    for (const { at, field } of places) {
      // Guest% and GuestN% are one column.
      shares[field] = (shares[field] ?? 0) + parseCell(cells, at, field);
    }
    builder.setCpu(cpu, shares);
  }
  for (const { scope, device, at, field, factor } of columns.devices) {
    builder.setDevice(scope, device, field, parseCell(cells, at, field) * factor);
  }
}
