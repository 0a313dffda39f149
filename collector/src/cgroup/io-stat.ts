// Format: https://docs.kernel.org/admin-guide/cgroup-v2.html#io-interface-files
import { malformed, parseCounter, quote, splitWords } from "../procfs/number.ts";

/** The keys that are kept, in the kernel's order. */
export const ioStatFields = ["rbytes", "wbytes", "rios", "wios"] as const;

export type IoCounters = Record<(typeof ioStatFields)[number], number>;

/**
 * Counters of the cgroup and those below by device, given as `major:minor`; a device that nothing was done on may not be listed. The
 * kernel counts whole disks, never partitions, but a request to a device of the device mapper once more at the disk under it.
 * @throws SyntaxError naming line and value.
 */
export function parseIoStat(text: string): Map<string, IoCounters> {
  const devices = new Map<string, IoCounters>();
  for (const [index, line] of text.split("\n").entries()) {
    const place = { file: "io.stat", line: index + 1 };
    const words = splitWords(line);
    // Some kernels name devices without counters, and do not end their lines: "7:1 7:0 8:0 rbytes=…".
    const start = words.findIndex((word) => !/^\d+:\d+$/.test(word));
    if (start === -1) continue;
    const device = words[start - 1];
    if (device === undefined) throw malformed(place, `${quote(line)} has no device`);
    if (devices.has(device)) throw malformed(place, `device ${quote(device)} stands twice`);
    // The entries are made from `ioStatFields`, which are all the names.
    const counters = Object.fromEntries(
      ioStatFields.map((field) => [
        field,
        parseCounter(findValue(words, field), `${field} of ${device}`, place),
      ]),
    ) as IoCounters;
    devices.set(device, counters);
  }
  return devices;
}

/** Sums over the devices that count. A cgroup that has not read or written anything has 0. */
export function sumIo(
  devices: ReadonlyMap<string, IoCounters>,
  counts: (device: string) => boolean,
): IoCounters {
  const sum = { rbytes: 0, wbytes: 0, rios: 0, wios: 0 };
  for (const [device, counters] of devices) {
    if (!counts(device)) continue;
    for (const field of ioStatFields) sum[field] += counters[field];
  }
  return sum;
}

function findValue(words: readonly string[], key: string): string | undefined {
  return words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
}
