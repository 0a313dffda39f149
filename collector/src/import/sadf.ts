// sysstat's `sadf -j`, of sysstat 10 and newer: https://sysstat.github.io/manpages/sadf.html, json_stats.c.
// One JSON document with a record per sample in sysstat.hosts[].statistics[]. It is read record by record: a document of a day
// of a large machine has hundreds of megabytes.
//
// The columns are sar's, and so are the formulas; what sar computes otherwise than the catalogue is left out:
// - Without `-u ALL` there is "system" instead of "sys": it has interrupts in it.
// - memused is total − free before sysstat 12, and total − free − buffers − cached − slab since: which of them it is shows in
//   memused-percent, and with it what the total is.
// - The sum of interrupts is that of /proc/stat up to sysstat 12.5, "value"; since then, "all" adds /proc/interrupts up, which
//   has more in it.
// - runq-sz is without sadc itself, which was running.
// - Of file systems there are whole MiB, and what is available is found from its share of the size, which has two decimals.
import type { FormatReader } from "../capture/read.ts";
import { messageOf } from "../message-of.ts";
import { quoteCell } from "./cells.ts";
import { RowBuilder } from "./imported-row.ts";
import { note, noteZone, type ImportOptions } from "./import-reader.ts";
import { toMountName } from "../sampling/mounts.ts";
import { parseLocalS } from "./time-zone.ts";

/** What stands outside of the records is some lines about the host. */
const maxFrameLength = 4 * 1024 * 1024;
const maxRecordLength = 256 * 1024 * 1024;

/** Where a list of records is open: {"sysstat": {"hosts": [{"statistics": [ */
const listDepth = 5;
const recordsStart = /"statistics"\s*:\s*$/;

export function createSadfReader({
  visitor,
  filters,
  timeZone,
  summary,
}: ImportOptions): FormatReader {
  const builder = new RowBuilder(filters);
  let host: string | null = null;
  const splitter = new RecordSplitter((text, frame) => {
    if (host === null) {
      host = findHost(frame);
      visitor.host(host);
    }
    const record = readObject(parseRecord(text), "the record");
    const time = readTime(record);
    if (time === null) return;
    if (!time.utc) noteZone(summary, timeZone);
    const timestampS = time.utc ? time.localS : timeZone.toUnixS(time.localS, beforeS);
    beforeS = timestampS;
    builder.start(timestampS, time.elapsedS);
    setCpus(record, builder, (text_) => note(summary, text_));
    setMachine(record, builder);
    setMemory(record, builder, (text_) => note(summary, text_));
    setDisks(record, builder);
    setInterfaces(record, builder);
    setConnections(record, builder);
    setFileSystems(record, builder, (text_) => note(summary, text_));
    summary.samples += 1;
    visitor.row(builder.finish());
  });
  let beforeS = Number.NEGATIVE_INFINITY;

  return {
    line(bytes, start, end, line) {
      splitter.feed(bytes.toString("utf8", start, end), line);
    },
    acceptsTail: () => true,
    end() {
      const document = splitter.end();
      if (!/^\s*\{\s*"sysstat"/.test(document)) throw new SyntaxError("it is no document of sadf");
      const boots = (document.match(/"boot"\s*:/g) ?? []).length;
      summary.restarts += boots;
    },
  };
}

/** Cuts the document into its records and the frame around them, without parsing either. */
class RecordSplitter {
  private readonly onRecord: (text: string, frame: string) => void;
  private frame = "";
  private record = "";
  private recordLine = 0;
  private depth = 0;
  private inText = false;
  private isEscaped = false;
  private inRecords = false;
  private isComplete = false;

  constructor(onRecord: (text: string, frame: string) => void) {
    this.onRecord = onRecord;
  }

  feed(text: string, line: number): void {
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (this.inText) {
        if (this.isEscaped) this.isEscaped = false;
        else if (code === backslash) this.isEscaped = true;
        else if (code === quote) this.inText = false;
        continue;
      }
      if (code > 32 && this.isComplete) {
        throw new SyntaxError(`column ${at + 1}: something stands behind the document`);
      }
      if (code === quote) this.inText = true;
      else if (code === openObject || code === openList) {
        if (this.inRecords && this.depth === listDepth) {
          this.record = "";
          this.recordLine = line;
          from = at;
        }
        this.depth += 1;
        if (this.depth === listDepth && code === openList) {
          if (recordsStart.test(this.frame + text.slice(from, at))) {
            this.frame += text.slice(from, at + 1);
            from = at + 1;
            this.inRecords = true;
          }
        }
      } else if (code === closeObject || code === closeList) {
        this.depth -= 1;
        if (this.depth < 0) throw new SyntaxError(`column ${at + 1}: a bracket too many`);
        if (this.inRecords && this.depth === listDepth) {
          this.record += text.slice(from, at + 1);
          from = at + 1;
          this.readRecord(line);
        } else if (this.inRecords && this.depth === listDepth - 1) {
          this.inRecords = false;
          from = at;
        }
        this.isComplete = this.depth === 0;
      }
    }
    this.keep(`${text.slice(from)}\n`);
  }

  /** The document without its records. */
  end(): string {
    if (!this.isComplete) throw new SyntaxError("the document ends in the middle");
    parseRecord(this.frame);
    return this.frame;
  }

  private keep(text: string): void {
    if (this.inRecords) {
      // Between records there are but commas.
      if (this.depth > listDepth) this.record += text;
    } else {
      this.frame += text;
    }
    if (this.frame.length > maxFrameLength || this.record.length > maxRecordLength) {
      throw new SyntaxError("this is no document of sadf -j: a part of it has no end");
    }
  }

  private readRecord(line: number): void {
    try {
      this.onRecord(this.record, this.frame);
    } catch (error) {
      if (!(error instanceof SyntaxError) || line === this.recordLine) throw error;
      throw new SyntaxError(`${error.message} (in the record from line ${this.recordLine} on)`, {
        cause: error,
      });
    } finally {
      this.record = "";
    }
  }
}

const quote = 34;
const backslash = 92;
const openObject = 123;
const closeObject = 125;
const openList = 91;
const closeList = 93;

type Json = Readonly<Record<string, unknown>>;

function parseRecord(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = messageOf(cause);
    throw new SyntaxError(`this is not JSON: ${why}`, { cause });
  }
}

function findHost(frame: string): string {
  const [, text] = /"nodename"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(frame) ?? [];
  if (text === undefined)
    throw new SyntaxError("nodename is missing: this is no document of sadf -j");
  return String(parseRecord(text));
}

/** Null where the record is of a restart or a comment. */
function readTime(record: Json): { localS: number; utc: boolean; elapsedS: number | null } | null {
  if (record["timestamp"] === undefined) return null;
  const json = readObject(record["timestamp"], "timestamp");
  const { date, time, utc, tz, interval } = json;
  const day = /^(\d{4})-(\d\d)-(\d\d)$/.exec(String(date));
  const clock = /^(\d\d):(\d\d):(\d\d)$/.exec(String(time));
  const localS =
    day === null || clock === null ? null : parseLocalS(toNumbers(day), toNumbers(clock));
  if (localS === null) {
    throw new SyntaxError(
      `the timestamp is ${quoteCell(`${String(date)} ${String(time)}`)}, not a date and a time`,
    );
  }
  if (typeof interval !== "number" || !(interval >= 0)) {
    throw new SyntaxError(`interval is ${quoteValue(interval)}, not a number of seconds`);
  }
  // An old fault of sadf: the first interval after a restart is beyond all bounds.
  const elapsedS = interval > maxIntervalS ? null : interval;
  return { localS, utc: utc === 1 || tz === "UTC", elapsedS };
}

const maxIntervalS = 366 * 86_400;

/** The three groups of an expression of three groups of digits. */
function toNumbers([, one, two, three]: RegExpExecArray): [number, number, number] {
  return [Number(one), Number(two), Number(three)];
}

/** Shares of `-u ALL` are without guests, those of `-u` with them. */
function setCpus(record: Json, builder: RowBuilder, say: (text: string) => void): void {
  for (const cpu of readList(record, "cpu-load", "cpu-load-all")) {
    const name = readText(cpu, "cpu");
    const number = name === "all" ? null : name;
    if (number !== null && !/^\d{1,5}$/.test(number)) {
      throw new SyntaxError(`cpu is ${quoteCell(name)}, not all or a number`);
    }
    const share = (field: string): number => readNumber(cpu, field);
    if (cpu["usr"] === undefined) {
      say("its CPU times have interrupts in system: give sadf -u ALL for cpu_system and more");
      builder.setCpu(number, {
        user: share("user"),
        nice: share("nice"),
        idle: share("idle"),
        iowait: share("iowait"),
        steal: share("steal"),
      });
      continue;
    }
    const guest = share("guest");
    // Before sysstat 10.0.? there was no gnice, and niced guests were in nice.
    const niceGuest = cpu["gnice"] === undefined ? 0 : share("gnice");
    builder.setCpu(number, {
      user: share("usr") + guest,
      nice: share("nice") + niceGuest,
      system: share("sys"),
      idle: share("idle"),
      iowait: share("iowait"),
      irq: share("irq"),
      softirq: share("soft"),
      steal: share("steal"),
      guest: guest + niceGuest,
    });
  }
}

const kib = 1024;

function setMachine(record: Json, builder: RowBuilder): void {
  const queue = readGroup(record, "queue");
  builder.set("load1", readNumber(queue, "ldavg-1"));
  builder.set("load5", readNumber(queue, "ldavg-5"));
  builder.set("load15", readNumber(queue, "ldavg-15"));
  builder.set("procs_running", readNumber(queue, "runq-sz") + 1);
  builder.set("procs_blocked", readNumber(queue, "blocked"));
  const tasks = readGroup(record, "process-and-context-switch");
  builder.set("context_switches", readNumber(tasks, "cswch"));
  builder.set("forks", readNumber(tasks, "proc"));
  const sum = readList(record, "interrupts").find(({ intr }) => intr === "sum") ?? {};
  builder.set("interrupts", readNumber(sum, "value"));
  const swap = readGroup(record, "swap-pages");
  builder.set("vm_swapin_pages", readNumber(swap, "pswpin"));
  builder.set("vm_swapout_pages", readNumber(swap, "pswpout"));
  const paging = readGroup(record, "paging");
  builder.set("vm_pgin_bytes", readNumber(paging, "pgpgin") * kib);
  builder.set("vm_pgout_bytes", readNumber(paging, "pgpgout") * kib);
  builder.set("vm_faults", readNumber(paging, "fault"));
  builder.set("vm_major_faults", readNumber(paging, "majflt"));
  const pressure = readGroup(record, "psi");
  for (const [group, metric] of [
    ["psi-cpu", "psi_cpu"],
    ["psi-io", "psi_io"],
    ["psi-mem", "psi_memory"],
  ] as const) {
    const stalled = readGroup(pressure, group);
    builder.set(`${metric}_some`, readNumber(stalled, "some_avg"));
    // sar has no full of CPUs.
    if (group !== "psi-cpu") builder.set(`${metric}_full`, readNumber(stalled, "full_avg"));
  }
}

function setMemory(record: Json, builder: RowBuilder, say: (text: string) => void): void {
  const memory = readGroup(record, "memory");
  const bytes = (field: string): number => readNumber(memory, field) * kib;
  const total = findTotal(memory);
  if (memory["memfree"] !== undefined && Number.isNaN(total)) {
    say("the total of memory cannot be told from its columns: give sadf -r ALL");
  }
  builder.set("mem_total", total * kib);
  builder.set("mem_free", bytes("memfree"));
  builder.set("mem_available", bytes("avail"));
  builder.set("mem_used", total * kib - bytes("avail"));
  builder.set("mem_buffers", bytes("buffers"));
  builder.set("mem_cached", bytes("cached"));
  builder.set("mem_slab", bytes("slab"));
  builder.set("mem_dirty", bytes("dirty"));
  builder.set("mem_anonymous", bytes("anonpg"));
  builder.set("mem_committed", bytes("commit"));
  builder.set("swap_total", bytes("swpfree") + bytes("swpused"));
  builder.set("swap_free", bytes("swpfree"));
}

/** In KiB; NaN where both meanings of memused agree with memused-percent, or neither does. */
function findTotal(memory: Json): number {
  const value = (field: string): number => readNumber(memory, field);
  const used = value("memused");
  const percent = value("memused-percent");
  const whole = value("memfree") + used;
  const candidates = [whole, whole + value("buffers") + value("cached") + value("slab")];
  const fitting = candidates.filter((total) => Math.abs((100 * used) / total - percent) <= 0.0051);
  const [total = Number.NaN, other] = fitting;
  return other === undefined ? total : Number.NaN;
}

function setDisks(record: Json, builder: RowBuilder): void {
  for (const disk of readList(record, "disk")) {
    const name = readText(disk, "disk-device");
    const set = (field: string, value: number): void =>
      builder.setDevice("disk", name, field, value);
    const bytes = (sectors: string, kibibytes: string): number =>
      disk[sectors] === undefined
        ? readNumber(disk, kibibytes) * kib
        : readNumber(disk, sectors) * sectorBytes;
    set("read_bytes", bytes("rd_sec", "rkB"));
    set("write_bytes", bytes("wr_sec", "wkB"));
    // sar shows 0 where there was no request to wait for.
    set("await_ms", readNumber(disk, "tps") > 0 ? readNumber(disk, "await") : Number.NaN);
    set("queue", readNumber(disk, disk["aqu-sz"] === undefined ? "avgqu-sz" : "aqu-sz"));
    set("busy", readNumber(disk, "util-percent"));
  }
}

const sectorBytes = 512;

function setInterfaces(record: Json, builder: RowBuilder): void {
  const network = readGroup(record, "network");
  const set = (list: string, fields: readonly [string, string, number][]): void => {
    for (const entry of readList(network, list)) {
      const name = readText(entry, "iface");
      for (const [field, from, factor] of fields) {
        builder.setDevice("interface", name, field, readNumber(entry, from) * factor);
      }
    }
  };
  set("net-dev", [
    ["rx_bytes", "rxkB", kib],
    ["tx_bytes", "txkB", kib],
    ["rx_packets", "rxpck", 1],
    ["tx_packets", "txpck", 1],
  ]);
  set("net-edev", [
    ["rx_errors", "rxerr", 1],
    ["tx_errors", "txerr", 1],
    ["rx_drops", "rxdrop", 1],
    ["tx_drops", "txdrop", 1],
  ]);
}

/** Without MOUNT, -F names devices, of which nobody knows where they are mounted. */
function setFileSystems(record: Json, builder: RowBuilder, say: (text: string) => void): void {
  for (const fileSystem of readList(record, "filesystems")) {
    if (fileSystem["mountpoint"] === undefined) {
      say("its file systems have no mount points and are left out: give sadf -F MOUNT");
      return;
    }
    const path = readText(fileSystem, "mountpoint");
    if (imagePaths.test(path)) continue;
    const free = readNumber(fileSystem, "MBfsfree") * mib;
    const used = readNumber(fileSystem, "MBfsused") * mib;
    const size = free + used;
    const available = size * (1 - readNumber(fileSystem, "%ufsused") / 100);
    const freeInodes = readNumber(fileSystem, "Ifree");
    const inodes = freeInodes + readNumber(fileSystem, "Iused");
    const name = toMountName(path);
    const set = (field: string, value: number): void =>
      builder.setDevice("mount", name, field, value);
    set("size_bytes", size);
    set("free_bytes", free);
    set("available_bytes", available);
    // Of one below half a MiB there is nothing to divide by: a gap.
    set("used", (100 * used) / (used + available));
    set("inodes", inodes > 0 ? inodes : Number.NaN);
    set("inodes_free", inodes > 0 ? freeInodes : Number.NaN);
  }
}

const mib = 1024 * 1024;
/** Snaps, which are always full: sar does not tell types, by which pcc leaves images out. */
const imagePaths = /^\/(?:var\/lib\/snapd\/)?snap\//;

function setConnections(record: Json, builder: RowBuilder): void {
  const network = readGroup(record, "network");
  for (const [group, fields] of Object.entries(connectionFields)) {
    // sadc records them where it is told to, and most are not.
    if (network[group] === undefined) continue;
    const json = readGroup(network, group);
    for (const [field, column] of Object.entries(fields)) {
      builder.set(column, readNumber(json, field));
    }
  }
}

/** Columns by the group and the field that sar has them in, in the same units. */
const connectionFields: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "net-sock": {
    totsck: "sockets_used",
    tcpsck: "tcp_sockets",
    udpsck: "udp_sockets",
    "tcp-tw": "tcp_time_wait",
  },
  "net-tcp": {
    active: "tcp_active_opens",
    passive: "tcp_passive_opens",
    iseg: "tcp_in_segments",
    oseg: "tcp_out_segments",
  },
  "net-etcp": {
    atmptf: "tcp_failed_attempts",
    estres: "tcp_established_resets",
    retrans: "tcp_retransmits",
    isegerr: "tcp_in_errors",
    orsts: "tcp_out_resets",
  },
  "net-udp": {
    idgm: "udp_in_datagrams",
    odgm: "udp_out_datagrams",
    noport: "udp_no_ports",
    idgmerr: "udp_in_errors",
  },
};

function readObject(value: unknown, name: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SyntaxError(`${name} is ${quoteValue(value)}, not an object`);
  }
  // An object that is no array has string keys, and what they hold is unknown.
  return value as Json;
}

/** An empty one where there is none. */
function readGroup(json: Json, name: string): Json {
  return json[name] === undefined ? {} : readObject(json[name], name);
}

/** The list under the first of the names that there is; an empty one where there is none. */
function readList(json: Json, ...names: string[]): Json[] {
  const name = names.find((candidate) => json[candidate] !== undefined);
  if (name === undefined) return [];
  const list = json[name];
  if (!Array.isArray(list)) throw new SyntaxError(`${name} is ${quoteValue(list)}, not a list`);
  return list.map((entry) => readObject(entry, `an entry of ${name}`));
}

function readText(json: Json, name: string): string {
  const value = json[name];
  if (typeof value === "string") return value;
  throw new SyntaxError(`${name} is ${quoteValue(value)}, not a text`);
}

/** NaN where there is none. */
function readNumber(json: Json, name: string): number {
  const value = json[name];
  if (value === undefined) return Number.NaN;
  if (typeof value === "number") return value;
  throw new SyntaxError(`${name} is ${quoteValue(value)}, not a number`);
}

function quoteValue(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
