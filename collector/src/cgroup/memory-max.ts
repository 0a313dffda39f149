// Format: https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
import { parseLimitLine } from "./number-line.ts";

/**
 * Bytes that the cgroup may use; null where it is not limited.
 * @throws SyntaxError naming the value.
 */
export function parseMemoryMax(text: string): number | null {
  return parseLimitLine(text, "memory.max");
}
