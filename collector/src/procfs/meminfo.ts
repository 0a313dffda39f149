// Format: https://docs.kernel.org/filesystems/proc.html#meminfo
import { parseKeyedLines } from "./keyed-lines.ts";
import type { Field } from "./number.ts";

/** The lines that are kept, in the kernel's order. */
export const meminfoFields = [
  "MemTotal",
  "MemFree",
  "MemAvailable",
  "Buffers",
  "Cached",
  "Active",
  "Inactive",
  "SwapTotal",
  "SwapFree",
  "Dirty",
  "AnonPages",
  "Slab",
  "Committed_AS",
] as const;

/** Without these the text is no meminfo. */
export const meminfoRequired = ["MemTotal", "MemFree"] as const;

/** In KiB, which the kernel calls kB. `MemAvailable` came with kernel 3.14. */
export type Meminfo = Record<(typeof meminfoFields)[number], Field>;

/** @throws SyntaxError naming line and value. */
export function parseMeminfo(text: string): Meminfo {
  return parseKeyedLines(text, {
    file: "/proc/meminfo",
    fields: meminfoFields,
    separator: ":",
    required: meminfoRequired,
  });
}
