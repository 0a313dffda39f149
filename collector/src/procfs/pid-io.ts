// Format: https://docs.kernel.org/filesystems/proc.html, section 3.3
import { parseKeyedLines } from "./keyed-lines.ts";
import type { Field } from "./number.ts";

/** The lines that are kept: bytes from and to disks since the process's start. */
const pidIoFields = ["read_bytes", "write_bytes"] as const;

export type PidIo = Record<(typeof pidIoFields)[number], Field>;

/**
 * Reads /proc/PID/io, which only the process's user and root may.
 * @throws SyntaxError naming line and value.
 */
export function parsePidIo(text: string): PidIo {
  return parseKeyedLines(text, {
    file: "/proc/PID/io",
    fields: pidIoFields,
    separator: ":",
    required: pidIoFields,
  });
}
