// Which processes use the most CPU and memory. Only what they call themselves is read, never their arguments: these can hold secrets.
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { parsePidIo } from "../procfs/pid-io.ts";
import { parsePidStat, type PidStat } from "../procfs/pid-stat.ts";

/** One of the processes with the most CPU or memory. */
export interface TopProcess {
  pid: number;
  /** Clock ticks from the boot to its start. */
  startTicks: number;
  name: string;
  /** CPU time in the interval, in clock ticks; null where nobody knows: it is the first, and the process is older. */
  cpuTicks: number | null;
  memoryBytes: number;
  threads: number;
  /** Bytes from and to disks since its start; null where this user may not know. */
  readBytes: number | null;
  writeBytes: number | null;
}

export interface TopProcesses {
  timeMs: number;
  /** What the CPU times were measured over; null: there is no interval before. */
  elapsedMs: number | null;
  /** Of all processes. */
  count: number;
  /** With the most CPU first. */
  top: readonly TopProcess[];
}

interface KnownProcess {
  startTicks: number;
  cpuTicks: number;
  /** The number of the reading that saw it last. */
  reading: number;
}

interface SeenProcess extends PidStat {
  used: number | null;
}

const statBytes = 4096;

/** Reads every process's /proc/PID/stat; one that started and ended between two readings is not seen. */
export class ProcessReader {
  private readonly procfs: string;
  private readonly limit: number;
  private readonly pageBytes: number;
  private readonly buffer = Buffer.alloc(statBytes);
  private readonly known = new Map<number, KnownProcess>();
  private reading = 0;
  private beforeUs = Number.NaN;

  /** As many processes as `limit` with the most CPU, and as many with the most memory. */
  constructor({ procfs, limit, pageBytes }: { procfs: string; limit: number; pageBytes: number }) {
    this.procfs = procfs;
    this.limit = limit;
    this.pageBytes = pageBytes;
  }

  read(timeMs: number, monotonicUs: number): TopProcesses {
    const elapsedMs = this.reading === 0 ? null : (monotonicUs - this.beforeUs) / 1000;
    this.reading += 1;
    this.beforeUs = monotonicUs;
    const seen: SeenProcess[] = [];
    for (const pid of this.listPids()) {
      const stat = this.readStat(pid);
      if (stat !== null) seen.push({ ...stat, used: this.takeUsed(stat) });
    }
    for (const [pid, { reading }] of this.known) {
      if (reading !== this.reading) this.known.delete(pid);
    }
    const top = selectTop(seen, this.limit).map((process) => this.describe(process));
    return { timeMs, elapsedMs, count: seen.length, top };
  }

  /** @throws the system's error where there is no /proc. */
  private listPids(): string[] {
    return readdirSync(this.procfs).filter((name) => /^[1-9]\d*$/.test(name));
  }

  /** null where it has ended, or nobody may look at it. */
  private readStat(pid: string): PidStat | null {
    let descriptor: number | null = null;
    try {
      descriptor = openSync(join(this.procfs, pid, "stat"), "r");
      const length = readSync(descriptor, this.buffer, 0, statBytes, 0);
      // A name that is no UTF-8 is shown with marks in place of what is not.
      return parsePidStat(this.buffer.toString("utf8", 0, length));
    } catch {
      return null;
    } finally {
      if (descriptor !== null) closeSync(descriptor);
    }
  }

  /** CPU time since the reading before. */
  private takeUsed({ pid, startTicks, cpuTicks }: PidStat): number | null {
    const before = this.known.get(pid);
    if (before?.startTicks === startTicks) {
      const used = cpuTicks - before.cpuTicks;
      before.cpuTicks = cpuTicks;
      before.reading = this.reading;
      return Math.max(0, used);
    }
    this.known.set(pid, { startTicks, cpuTicks, reading: this.reading });
    // What was not there before has used all of its time since.
    return this.reading === 1 ? null : cpuTicks;
  }

  private describe(process: SeenProcess): TopProcess {
    const { pid, startTicks, name, used, residentPages, threads } = process;
    const io = this.readIo(pid);
    return {
      pid,
      startTicks,
      name,
      cpuTicks: used,
      memoryBytes: residentPages * this.pageBytes,
      threads,
      readBytes: io?.read_bytes ?? null,
      writeBytes: io?.write_bytes ?? null,
    };
  }

  private readIo(pid: number): ReturnType<typeof parsePidIo> | null {
    try {
      return parsePidIo(readFileSync(join(this.procfs, String(pid), "io"), "latin1"));
    } catch {
      return null;
    }
  }
}

/** Those with the most CPU, the most memory of equals first, and behind them those that have only the most memory. */
function selectTop(seen: readonly SeenProcess[], limit: number): SeenProcess[] {
  const byCpu = seen.toSorted(
    (one, other) => (other.used ?? 0) - (one.used ?? 0) || other.residentPages - one.residentPages,
  );
  const byMemory = seen.toSorted((one, other) => other.residentPages - one.residentPages);
  const active = byCpu.slice(0, limit).filter(({ used }) => used !== 0);
  return [...new Set([...active, ...byMemory.slice(0, limit)])];
}
