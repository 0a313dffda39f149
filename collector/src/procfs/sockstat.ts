// Format: https://man7.org/linux/man-pages/man5/proc_pid_net.5.html; sockstat_seq_show() in net/ipv4/proc.c
import { malformed, parseCounter, type Field } from "./number.ts";

export const sockstatFields = [
  "sockets_used",
  "tcp_inuse",
  "tcp_orphan",
  "tcp_tw",
  "udp_inuse",
] as const;

/** Numbers of sockets at the moment, of IPv4 where a protocol is named; `tcp_tw` are those in TIME_WAIT. */
export type Sockstat = Record<(typeof sockstatFields)[number], Field>;

/** @throws SyntaxError naming line and value. */
export function parseSockstat(text: string): Sockstat {
  const file = "/proc/net/sockstat";
  const found = new Map<string, number>();
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    const place = { file, line: index + 1 };
    const [protocol = "", ...words] = line.split(" ").filter((word) => word !== "");
    for (let at = 0; at < words.length; at += 2) {
      const [name = "", digits] = words.slice(at, at + 2);
      const field = `${protocol.replace(/:$/, "").toLowerCase()}_${name}`;
      if (!isField(field) || found.has(field)) continue;
      found.set(field, parseCounter(digits, `${name} of ${protocol}`, place));
    }
  }
  if (!found.has("sockets_used")) {
    throw malformed({ file, line: lines.length }, "the text ends without used of sockets:");
  }
  // The entries are made from sockstatFields, which are all the names.
  return Object.fromEntries(
    sockstatFields.map((name) => [name, found.get(name) ?? null]),
  ) as Sockstat;
}

function isField(name: string): name is (typeof sockstatFields)[number] {
  return sockstatFields.some((field) => field === name);
}
