// Format: https://docs.kernel.org/networking/snmp_counter.html; net/ipv4/proc.c
import type { Field } from "./number.ts";
import { parsePairedLines, type PairedField } from "./paired-lines.ts";

/** The counters that are kept, as nstat(8) calls them. */
export const netstatFields = [
  "TcpExtListenOverflows",
  "TcpExtListenDrops",
  "TcpExtTCPTimeouts",
  "TcpExtTCPBacklogDrop",
  "TcpExtTCPSynRetrans",
] as const;

export const netstatPairs: readonly PairedField[] = netstatFields.map((name) => [
  "TcpExt",
  name.slice("TcpExt".length),
]);

/** Counters since boot. `TCPSynRetrans` came with kernel 3.15. */
export type Netstat = Record<(typeof netstatFields)[number], Field>;

/** @throws SyntaxError naming line and value. */
export function parseNetstat(text: string): Netstat {
  const values = parsePairedLines(text, { file: "/proc/net/netstat", fields: netstatPairs });
  // The entries are made from netstatFields, which are all the names.
  return Object.fromEntries(netstatFields.map((name, at) => [name, values[at] ?? null])) as Netstat;
}
