// Format: https://docs.kernel.org/filesystems/proc.html#miscellaneous-kernel-statistics-in-proc-stat
import { malformed, parseCounter, quote, splitWords, type Field } from "./number.ts";

/** What a CPU's time is spent on: together all time. */
export const cpuModes = [
  "user",
  "nice",
  "system",
  "idle",
  "iowait",
  "irq",
  "softirq",
  "steal",
] as const;

/** The columns behind `cpu` or `cpu0`, in the kernel's order; `guest` and `guest_nice` are part of `user` and `nice`. */
export const cpuFields = [...cpuModes, "guest", "guest_nice"] as const;

/** The first of them that add up to all time. */
export const cpuFieldsInTotal = cpuModes.length;

/** Clock ticks since boot. `guest` came with kernel 2.6.24, `guest_nice` with 2.6.33. */
type CpuTicks = Record<(typeof cpuFields)[number], Field>;

export const statFields = [
  "intr",
  "ctxt",
  "btime",
  "processes",
  "procs_running",
  "procs_blocked",
] as const;

/** `intr` is the total of all interrupts; `btime` is the boot time in Unix seconds. */
type StatCounters = Record<(typeof statFields)[number], Field>;

export interface ProcStat {
  /** By the kernel's name: `cpu` is all of them, `cpu0` the first. An offline CPU has no line. */
  cpus: Map<string, CpuTicks>;
  counters: StatCounters;
}

/** @throws SyntaxError naming line and value. */
export function parseStat(text: string): ProcStat {
  const cpus = new Map<string, CpuTicks>();
  const found = new Map<string, number>();
  const wanted = new Set<string>(statFields);
  let inCpus = true;
  for (const [index, line] of text.split("\n").entries()) {
    const place = { file: "/proc/stat", line: index + 1 };
    const at = line.indexOf(" ");
    const name = line.slice(0, Math.max(at, 0));
    // The CPUs' lines come first.
    inCpus &&= /^cpu\d*$/.test(name);
    if (inCpus) {
      if (cpus.has(name)) throw malformed(place, `${quote(name)} stands twice`);
      cpus.set(name, parseTicks(name, splitWords(line.slice(at)), place));
    } else if (wanted.has(name) && !found.has(name)) {
      // Behind the total, "intr" goes on with a number per interrupt: thousands of them on a large machine.
      const [value] = /[^ ]+/.exec(line.slice(at + 1)) ?? [];
      found.set(name, parseCounter(value, name, place));
    }
  }
  if (!cpus.has("cpu")) {
    throw malformed({ file: "/proc/stat", line: 1 }, `there is no line "cpu …" of all CPUs`);
  }
  // The entries are made from statFields, which are all the names.
  const counters = Object.fromEntries(
    statFields.map((field) => [field, found.get(field) ?? null]),
  ) as StatCounters;
  return { cpus, counters };
}

function parseTicks(
  name: string,
  values: string[],
  place: { file: string; line: number },
): CpuTicks {
  if (values.length < cpuFieldsInTotal) {
    throw malformed(place, `${name} has ${values.length} values, not at least ${cpuFieldsInTotal}`);
  }
  // The entries are made from cpuFields, which are all the names.
  return Object.fromEntries(
    cpuFields.map((field, column) => [
      field,
      column < values.length ? parseCounter(values[column], `${field} of ${name}`, place) : null,
    ]),
  ) as CpuTicks;
}
