// Segments are files that records are appended to, one behind the other: `<id of the first record>-<mark>.spool`. All records of a
// segment can be read without any other segment.
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

export interface Segment {
  readonly path: string;
  readonly firstId: number;
  /** Each of its records begins with it, see record.ts. */
  readonly mark: number;
  bytes: number;
  /** While it is written to, and until that is synced. */
  descriptor: number | null;
}

/** The bytes could not be written, and not even what was written of them could be taken back. */
export class BrokenSegmentError extends Error {}

/** Oldest first. */
export function listSegments(folder: string): Segment[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => {
      const [, firstId, mark] = /^(\d{15})-([0-9a-f]{8})\.spool$/.exec(name) ?? [];
      if (firstId === undefined || mark === undefined) return [];
      const path = join(folder, name);
      return {
        path,
        firstId: Number(firstId),
        mark: Number.parseInt(mark, 16),
        bytes: lstatSync(path).size,
        descriptor: null,
      };
    });
}

/**
 * A new file that begins with these bytes, or none.
 * @throws the system's error.
 */
export function createSegment(
  folder: string,
  firstId: number,
  render: (mark: number) => Buffer,
): Segment {
  const mark = randomBytes(4).readUInt32LE();
  const name = `${String(firstId).padStart(15, "0")}-${mark.toString(16).padStart(8, "0")}.spool`;
  const path = join(folder, name);
  const descriptor = openSegment(path, "create");
  const segment: Segment = { path, firstId, mark, bytes: 0, descriptor };
  try {
    appendBytes(segment, render(mark));
    return segment;
  } catch (error) {
    closeSegment(segment);
    rmSync(path, { force: true });
    throw error instanceof BrokenSegmentError ? error.cause : error;
  }
}

/** @throws the system's errors, also where the path is a symbolic link or there is a file to be created. */
export function openSegment(path: string, how: "create" | "append" | "read"): number {
  const flags = {
    create: constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL,
    append: constants.O_RDWR | constants.O_APPEND,
    read: constants.O_RDONLY,
  };
  const descriptor = openSync(path, flags[how] | constants.O_NOFOLLOW, 0o600);
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  throw new Error(`Cannot use ${path}: it is not a regular file`);
}

export function closeSegment(segment: Segment): void {
  if (segment.descriptor !== null) closeSync(segment.descriptor);
  segment.descriptor = null;
}

/**
 * Appends all of the bytes or none.
 * @throws the system's error; a BrokenSegmentError with it as the cause where the file ends with a part of the bytes now.
 */
export function appendBytes(segment: Segment, bytes: Buffer): void {
  const { path, descriptor } = segment;
  if (descriptor === null) throw new Error(`Cannot append to ${path}: it is closed`);
  let written = 0;
  try {
    while (written < bytes.length) {
      written += writeSync(descriptor, bytes, written, bytes.length - written);
    }
  } catch (error) {
    try {
      ftruncateSync(descriptor, segment.bytes);
    } catch {
      throw new BrokenSegmentError(`Cannot take back half a record of ${path}`, { cause: error });
    }
    throw error;
  }
  segment.bytes += bytes.length;
}

/** Through a descriptor of its own, so that others can be closed in the meantime. */
export async function syncFile(path: string): Promise<void> {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    await promisify(fdatasync)(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** What lies behind the offset; fewer bytes where the file is shorter. */
export function readBytes(descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, bytes, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
