// Format: https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
import { parseKeyedLines } from "../procfs/keyed-lines.ts";
import type { Field } from "../procfs/number.ts";

/** Processes killed for want of memory, of all events the one that is kept. */
export const memoryEventsFields = ["oom_kill"] as const;

/** Counters of the cgroup and those below. `oom_kill` came with kernel 4.13. */
export type MemoryEvents = Record<(typeof memoryEventsFields)[number], Field>;

/** @throws SyntaxError naming line and value. */
export function parseMemoryEvents(text: string): MemoryEvents {
  return parseKeyedLines(text, {
    file: "memory.events",
    fields: memoryEventsFields,
    separator: " ",
    required: [],
  });
}
