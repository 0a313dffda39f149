// Which files an upload is of: CSV files one by one, captures of one machine together, so that their rates go on from one to the next.
import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { constants, gunzipSync } from "node:zlib";
import { listCaptures } from "../capture/folder.ts";
import { describeUnreadable } from "../capture/read.ts";
import { isCaptureFolder } from "../capture/rotate.ts";
import { ExitError, exitCodes } from "../exit.ts";

interface SourceBase {
  /** What messages call it. */
  name: string;
  bytes: number;
  /** Hexadecimal; of the content and of `salt`. */
  sha256(salt: string): string;
}

export type UploadSource = SourceBase &
  ({ kind: "csv"; path: string } | { kind: "captures"; paths: readonly string[] });

const dataFile = /\.(?:json|jsonl|csv)(?:\.gz)?$/;
/** As pcc names the captures of a folder. */
const rotated = /^(.+)-\d{8}T\d{6}Z(?:-\d+)?\.json(?:\.gz)?$/;

/** @throws ExitError naming what cannot be read. */
export async function listSources(paths: readonly string[]): Promise<UploadSource[]> {
  return paths.flatMap((path) => {
    try {
      return statSync(path).isDirectory() ? listFolder(path) : [toSource(path)];
    } catch (error) {
      throw describeUnreadable(path, error);
    }
  });
}

/**
 * Of the captures that pcc writes, those that can have samples of after `uploadedTo`, in Unix seconds.
 * @throws ExitError where pcc's settings name no captures.
 */
export function listNewSources(
  collection: string | null,
  { machineId, uploadedTo }: { machineId: string; uploadedTo: number | null },
): UploadSource[] {
  if (collection === null || collection === "-") {
    throw new ExitError(
      exitCodes.config,
      "Cannot tell which captures are new: pcc's setting collection names none",
    );
  }
  try {
    if (!isCaptureFolder(collection)) return [toCaptures(collection, [collection])];
    const all = listCaptures(collection, machineId);
    const isBefore = ({ startMs }: { startMs: number }): boolean =>
      uploadedTo !== null && startMs / 1000 <= uploadedTo;
    const first = Math.max(0, all.findLastIndex(isBefore));
    const paths = all.slice(first).map(({ path }) => path);
    return paths.length === 0 ? [] : [toCaptures(collection, paths)];
  } catch (error) {
    throw describeUnreadable(collection, error);
  }
}

function listFolder(folder: string): UploadSource[] {
  const names = readdirSync(folder)
    .filter((name) => dataFile.test(name))
    .toSorted();
  const machines = new Map<string, string[]>();
  const others: UploadSource[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const machine = rotated.exec(name)?.[1];
    if (machine === undefined) others.push(toSource(path));
    else machines.set(machine, [...(machines.get(machine) ?? []), path]);
  }
  const captures = [...machines].map(([machine, paths]) =>
    toCaptures(join(folder, machine), paths),
  );
  return [...captures, ...others];
}

function toSource(path: string): UploadSource {
  return isCsv(path)
    ? { kind: "csv", path, ...describeFiles(basename(path), [path]) }
    : toCaptures(path, [path]);
}

function toCaptures(path: string, paths: readonly string[]): UploadSource {
  return { kind: "captures", paths, ...describeFiles(basename(path), paths) };
}

function describeFiles(name: string, paths: readonly string[]): SourceBase {
  return {
    name,
    bytes: paths.reduce((sum, path) => sum + statSync(path).size, 0),
    sha256(salt) {
      const hash = createHash("sha256").update(salt);
      for (const path of paths) hash.update(digest(path));
      return hash.digest("hex");
    },
  };
}

function digest(path: string): Buffer {
  const hash = createHash("sha256");
  const piece = Buffer.alloc(1024 * 1024);
  const descriptor = openSync(path, "r");
  try {
    for (;;) {
      const length = readSync(descriptor, piece);
      if (length === 0) return hash.digest();
      hash.update(piece.subarray(0, length));
    }
  } finally {
    closeSync(descriptor);
  }
}

/** By its first line, which names columns; whatever else it is, the conversion says. */
function isCsv(path: string): boolean {
  const start = Buffer.alloc(64 * 1024);
  const descriptor = openSync(path, "r");
  try {
    const head = start.subarray(0, readSync(descriptor, start));
    const text = head[0] === 0x1f && head[1] === 0x8b ? gunzipStart(head) : head;
    const [line = ""] = text.toString("utf8").split("\n", 1);
    return !line.startsWith("{") && /(?:^|[\uFEFF",])timestamp(?:[",]|$)/.test(line.trim());
  } finally {
    closeSync(descriptor);
  }
}

function gunzipStart(head: Buffer): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}
