// Format: https://man7.org/linux/man-pages/man5/proc_pid_net.5.html, "/proc/net/dev"; net/core/net-procfs.c
import { malformed, parseCounter, quote, splitWords } from "./number.ts";

/** The columns behind the interface's name, in the kernel's order. */
export const netDevFields = [
  "rx_bytes",
  "rx_packets",
  "rx_errors",
  "rx_drops",
  "rx_fifo",
  "rx_frame",
  "rx_compressed",
  "rx_multicast",
  "tx_bytes",
  "tx_packets",
  "tx_errors",
  "tx_drops",
  "tx_fifo",
  "tx_collisions",
  "tx_carrier",
  "tx_compressed",
] as const;

/** Counters since the interface appeared. */
export type InterfaceCounters = Record<(typeof netDevFields)[number], number>;

/**
 * Interfaces by name, in the file's order.
 * @throws SyntaxError naming line and value.
 */
export function parseNetDev(text: string): Map<string, InterfaceCounters> {
  const interfaces = new Map<string, InterfaceCounters>();
  for (const [index, line] of text.split("\n").entries()) {
    if (index === 0 && !line.startsWith("Inter-|")) {
      const place = { file: "/proc/net/dev", line: 1 };
      throw malformed(place, `${quote(line)} is not the heading "Inter-| …"`);
    }
    // The second line is a heading, too.
    if (index < 2 || line === "") continue;
    const place = { file: "/proc/net/dev", line: index + 1 };
    // The kernel refuses names with a colon. Older kernels write no space behind it.
    const at = line.indexOf(":");
    const name = line.slice(0, Math.max(at, 0)).trim();
    const columns = splitWords(line.slice(at + 1));
    if (name === "")
      throw malformed(place, `${quote(line)} does not start with a name and a colon`);
    if (interfaces.has(name)) throw malformed(place, `interface ${quote(name)} stands twice`);
    // The entries are made from netDevFields, which are all the names.
    const counters = Object.fromEntries(
      netDevFields.map((field, column) => [
        field,
        parseCounter(columns[column], `${field} of ${name}`, place),
      ]),
    ) as InterfaceCounters;
    interfaces.set(name, counters);
  }
  return interfaces;
}
