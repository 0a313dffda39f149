// Format: https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
import { parseKeyedLines } from "../procfs/keyed-lines.ts";
import type { Field } from "../procfs/number.ts";

/** The lines that are kept, in the kernel's order. */
export const cpuStatFields = [
  "usage_usec",
  "user_usec",
  "system_usec",
  "nr_periods",
  "nr_throttled",
  "throttled_usec",
] as const;

/** Without these the text is no cpu.stat. */
export const cpuStatRequired = ["usage_usec"] as const;

/** Counters of the cgroup and those below. The last three are null where the cpu controller is not enabled. */
export type CpuStat = Record<(typeof cpuStatFields)[number], Field>;

/** @throws SyntaxError naming line and value. */
export function parseCpuStat(text: string): CpuStat {
  return parseKeyedLines(text, {
    file: "cpu.stat",
    fields: cpuStatFields,
    separator: " ",
    required: cpuStatRequired,
  });
}
