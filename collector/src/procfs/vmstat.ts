// Format: https://docs.kernel.org/admin-guide/mm/index.html; names in mm/vmstat.c
import { parseKeyedLines } from "./keyed-lines.ts";
import type { Field } from "./number.ts";

/** The lines that are kept, in the kernel's order. */
export const vmstatFields = [
  "pgpgin",
  "pgpgout",
  "pswpin",
  "pswpout",
  "pgfault",
  "pgmajfault",
  "oom_kill",
] as const;

/** Without these the text is no vmstat. */
export const vmstatRequired = ["pgfault"] as const;

/** Counters since boot. `pgpgin` and `pgpgout` are in KiB, `pswpin` and `pswpout` in pages. `oom_kill` came with kernel 4.13. */
export type Vmstat = Record<(typeof vmstatFields)[number], Field>;

/** @throws SyntaxError naming line and value. */
export function parseVmstat(text: string): Vmstat {
  return parseKeyedLines(text, {
    file: "/proc/vmstat",
    fields: vmstatFields,
    separator: " ",
    required: vmstatRequired,
  });
}
