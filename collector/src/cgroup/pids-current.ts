// Format: https://docs.kernel.org/admin-guide/cgroup-v2.html#pid-interface-files
import { parseNumberLine } from "./number-line.ts";

/**
 * Processes and threads of the cgroup and those below.
 * @throws SyntaxError naming the value.
 */
export function parsePidsCurrent(text: string): number {
  return parseNumberLine(text, "pids.current");
}
