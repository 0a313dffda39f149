// Format: https://docs.kernel.org/admin-guide/iostats.html
import { malformed, parseCounter, quote, splitWords, type Field } from "./number.ts";

/** The columns behind the device's name, in the kernel's order. */
export const diskstatsFields = [
  "reads",
  "reads_merged",
  "read_sectors",
  "read_ms",
  "writes",
  "writes_merged",
  "write_sectors",
  "write_ms",
  "in_flight",
  "io_ms",
  "weighted_ms",
  "discards",
  "discards_merged",
  "discard_sectors",
  "discard_ms",
  "flushes",
  "flush_ms",
] as const;

/**
 * Counters since the device appeared; a sector has 512 bytes on every device. `in_flight` alone is a reading of now.
 * Discards came with kernel 4.18, flushes with 5.5: null before.
 */
export type DiskCounters = Record<(typeof diskstatsFields)[number], Field>;

/** How many of a line's `count` columns are whole groups: 11, 15 or 17; 0 where there are too few. */
export function knownDiskColumns(count: number): number {
  if (count >= 17) return 17;
  if (count >= 15) return 15;
  return count >= 11 ? 11 : 0;
}

/**
 * Disks, partitions and pseudo devices by name, in the file's order.
 * @throws SyntaxError naming line and value.
 */
export function parseDiskstats(text: string): Map<string, DiskCounters> {
  const disks = new Map<string, DiskCounters>();
  for (const [index, line] of text.split("\n").entries()) {
    const [major, minor, name, ...columns] = splitWords(line);
    if (major === undefined) continue;
    const place = { file: "/proc/diskstats", line: index + 1 };
    parseCounter(major, "the major number", place);
    parseCounter(minor, "the minor number", place);
    const known = knownDiskColumns(columns.length);
    if (name === undefined || known === 0) {
      throw malformed(
        place,
        `${quote(line)} has ${columns.length} columns behind the name, not 11`,
      );
    }
    if (disks.has(name)) throw malformed(place, `device ${quote(name)} stands twice`);
    // The entries are made from diskstatsFields, which are all the names.
    const counters = Object.fromEntries(
      diskstatsFields.map((field, at) => [
        field,
        at < known ? parseCounter(columns[at], `${field} of ${name}`, place) : null,
      ]),
    ) as DiskCounters;
    disks.set(name, counters);
  }
  return disks;
}
