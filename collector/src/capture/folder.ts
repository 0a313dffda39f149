// A folder with the captures of a machine, one behind the other:
//   web-01-20261126T000000Z.json       is being written; named by when it was begun, in UTC
//   web-01-20261125T000000Z.json.gz    is closed
// A second one of the same second has -2 behind its time, and so on.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { compressedPath } from "./compress.ts";

export interface CaptureFile {
  path: string;
  /** When it was begun: Unix milliseconds of a whole second. */
  startMs: number;
  /** From 1 up, among those of one second. */
  number: number;
  compressed: boolean;
  bytes: number;
}

export interface Retention {
  /** Captures begun on this many days are kept. */
  keepDays: number;
  /** What all captures of the machine may take together. */
  keepBytes: number;
}

/** The machine's captures, the oldest first. */
export function listCaptures(folder: string, machineId: string): CaptureFile[] {
  return readdirSync(folder)
    .flatMap((name) => {
      const parsed = parseName(name, machineId);
      const path = join(folder, name);
      const stat = parsed === null ? undefined : statSync(path, { throwIfNoEntry: false });
      return parsed === null || stat?.isFile() !== true
        ? []
        : { path, ...parsed, bytes: stat.size };
    })
    .toSorted((left, right) => left.startMs - right.startMs || left.number - right.number);
}

/** A path that no capture has or had. */
export function nameCapture(folder: string, machineId: string, timeMs: number): string {
  const stamp = `${new Date(timeMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? "" : `-${number}`;
    const path = join(folder, `${machineId}-${stamp}${suffix}.json`);
    if (!existsSync(path) && !existsSync(compressedPath(path))) return path;
  }
}

/**
 * Those that are to be removed. Days without captures do not count, so that a clock set to another year costs at most a day, and a
 * machine that was off for long keeps what it has.
 */
export function selectExpired(
  files: readonly CaptureFile[],
  { keepDays, keepBytes }: Retention,
): CaptureFile[] {
  const newestDay = [...new Set(files.map(({ startMs }) => utcDay(startMs)))]
    .toSorted((left, right) => right - left)
    .slice(0, keepDays);
  const kept = new Set(newestDay);
  let bytes = 0;
  let full = false;
  return files.toReversed().filter((file) => {
    bytes += file.bytes;
    // An older one that would still fit must not outlive a newer one.
    full ||= bytes > keepBytes;
    return full || !kept.has(utcDay(file.startMs));
  });
}

export function utcDay(timeMs: number): number {
  return Math.floor(timeMs / 86_400_000);
}

function parseName(
  name: string,
  machineId: string,
): Pick<CaptureFile, "startMs" | "number" | "compressed"> | null {
  if (!name.startsWith(`${machineId}-`)) return null;
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:-([1-9]\d{0,5}))?\.json(\.gz)?$/.exec(
    name.slice(machineId.length + 1),
  );
  if (found === null) return null;
  const [, year = "", month = "", day = "", hour = "", minute = "", second = ""] = found;
  const startMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(startMs)) return null;
  return { startMs, number: Number(found[7] ?? 1), compressed: found[8] !== undefined };
}
