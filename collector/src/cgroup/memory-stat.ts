// Format: https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
import { parseKeyedLines } from "../procfs/keyed-lines.ts";
import type { Field } from "../procfs/number.ts";

/** The lines that are kept, in bytes: memory of programs that no file backs, and page cache. Every memory.stat has them. */
export const memoryStatFields = ["anon", "file"] as const;

export type MemoryStat = Record<(typeof memoryStatFields)[number], Field>;

/** @throws SyntaxError naming line and value. */
export function parseMemoryStat(text: string): MemoryStat {
  return parseKeyedLines(text, {
    file: "memory.stat",
    fields: memoryStatFields,
    separator: " ",
    required: memoryStatFields,
  });
}
