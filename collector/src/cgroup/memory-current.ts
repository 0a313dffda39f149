// Format: https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
import { parseNumberLine } from "./number-line.ts";

/**
 * Bytes that the cgroup and those below use, page cache and kernel memory included.
 * @throws SyntaxError naming the value.
 */
export function parseMemoryCurrent(text: string): number {
  return parseNumberLine(text, "memory.current");
}
