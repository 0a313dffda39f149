// Format: https://docs.kernel.org/networking/snmp_counter.html; net/ipv4/proc.c
import type { Field } from "./number.ts";
import { parsePairedLines, type PairedField } from "./paired-lines.ts";

/** The counters that are kept, as nstat(8) calls them. */
export const snmpFields = [
  "TcpActiveOpens",
  "TcpPassiveOpens",
  "TcpAttemptFails",
  "TcpEstabResets",
  "TcpCurrEstab",
  "TcpInSegs",
  "TcpOutSegs",
  "TcpRetransSegs",
  "TcpInErrs",
  "TcpOutRsts",
  "UdpInDatagrams",
  "UdpNoPorts",
  "UdpInErrors",
  "UdpOutDatagrams",
  "UdpRcvbufErrors",
  "UdpSndbufErrors",
] as const;

export const snmpPairs: readonly PairedField[] = snmpFields.map((name) => [
  name.slice(0, 3),
  name.slice(3),
]);

/** Counters since boot of TCP over IPv4 and IPv6 and of UDP over IPv4; `TcpCurrEstab` is a gauge. */
export type Snmp = Record<(typeof snmpFields)[number], Field>;

/** @throws SyntaxError naming line and value. */
export function parseSnmp(text: string): Snmp {
  const values = parsePairedLines(text, { file: "/proc/net/snmp", fields: snmpPairs });
  // The entries are made from snmpFields, which are all the names.
  return Object.fromEntries(snmpFields.map((name, at) => [name, values[at] ?? null])) as Snmp;
}
