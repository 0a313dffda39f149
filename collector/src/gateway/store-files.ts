// Names and times of the store's files.
import { open, readdir, rename, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { createGunzip } from "node:zlib";
import { isMachineId } from "@perfanalysis/contract/machine-id";
import { makeFolder } from "@perfanalysis/contract/make-folder";

export const dayS = 86_400;

/** One of the files of a machine's day. */
export interface StorePart {
  name: string;
  /** UTC, `2026-01-31`. */
  date: string;
  /** From 1. */
  number: number;
  isZipped: boolean;
}

const partPattern = /^(\d{4}-\d\d-\d\d)(?:\.(\d{1,6}))?\.csv(\.gz)?$/;

export async function listMachines(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && isMachineId(entry.name))
    .map(({ name }) => name);
}

/** Days and their parts in order; what is none of ours is left out. */
export function listParts(names: readonly string[]): StorePart[] {
  return names
    .flatMap((name) => {
      const [, date = "", number = "1", zipped] = partPattern.exec(name) ?? [];
      return date === ""
        ? []
        : [{ name, date, number: Number(number), isZipped: zipped !== undefined }];
    })
    .toSorted((one, other) =>
      one.date === other.date ? one.number - other.number : one.date < other.date ? -1 : 1,
    );
}

export function toDate(timeS: number): string {
  return new Date(timeS * 1000).toISOString().slice(0, 10);
}

const newline = 10;
const comma = 44;
const pieceBytes = 1024 * 1024;

/** The file's first line, and how many bytes its whole lines have. */
export async function readTimes(
  path: string,
  onTime: (timeS: number) => void,
): Promise<{ header: string; bytes: number }> {
  let header = "";
  let bytes = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of readPieces(path)) {
    const text = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let at = 0;
    for (let end = text.indexOf(newline); end !== -1; end = text.indexOf(newline, at)) {
      if (bytes + at === 0) header = text.toString("utf8", 0, end + 1);
      else {
        const timeS = Number(text.toString("latin1", at, text.indexOf(comma, at)));
        if (Number.isInteger(timeS) && timeS >= 0) onTime(timeS);
      }
      at = end + 1;
    }
    bytes += at;
    rest = text.subarray(at);
  }
  return { header, bytes };
}

/** Rows are far shorter than this. */
const tailBytes = 1024 * 1024;

/** What stands behind the last line end. */
export async function cutTornRow(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - tailBytes);
    const { buffer } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const end = start + buffer.lastIndexOf(newline) + 1;
    if (end < size) await file.truncate(end);
  } finally {
    await file.close();
  }
}

async function* readPieces(path: string): AsyncIterable<Buffer> {
  const file = await open(path, "r");
  const stream = file.createReadStream({ highWaterMark: pieceBytes });
  try {
    // Without an encoding, both give buffers.
    yield* (path.endsWith(".gz") ? stream.pipe(createGunzip()) : stream) as AsyncIterable<Buffer>;
  } finally {
    stream.destroy();
  }
}

/** It appears when it is whole, in the place of what was there. */
export async function replaceFile(path: string, text: Uint8Array): Promise<void> {
  const folder = dirname(path);
  makeFolder(folder, { mode: 0o750 });
  const partial = `${path}.partial`;
  const file = await open(partial, "w", 0o640);
  try {
    await writeAll(file, text, 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(partial, path);
  await syncFolder(folder);
  await syncFolder(dirname(folder));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function writeAll(
  file: FileHandle,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const result = await file.write(bytes, written, bytes.length - written, position + written);
    written += result.bytesWritten;
  }
}
