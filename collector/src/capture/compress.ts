import { open, rename, rm, unlink, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { takePlaceOf } from "../whose.ts";
import { shrinkLines } from "./differences.ts";

/**
 * A member of the gzip file each: small enough that neither a tick nor memory feels it, and on captures no larger than a single
 * member by more than a hundredth. A stream of one member takes ten megabytes for its buffers.
 */
const pieceBytes = 64 * 1024;
/** Measured on captures: 9 takes twice the time for a hundredth less, 3 half the time for a seventh more. */
const level = 6;
/** CRC and length of what a member unpacks to. */
const trailerBytes = 8;

/** How `path` is called once it is compressed. */
export function compressedPath(path: string): string {
  return `${path}.gz`;
}

/**
 * Replaces a capture that nobody writes to any more by `path.gz`. It works piece by piece beside the sampling, with a pause after each.
 * Whenever it is killed, the capture or its complete `.gz` is there, and the next call completes what was begun. Where the signal comes
 * the capture stays as it is.
 * @throws the system's errors, the signal's reason, and an error where there is a `.gz` that is not this capture's.
 */
export async function compressCapture(
  path: string,
  { signal, pauseMs = 20 }: { signal: AbortSignal; pauseMs?: number | undefined },
): Promise<void> {
  const partialPath = `${compressedPath(path)}.partial`;
  const source = await open(path);
  try {
    const before = await source.stat();
    const { size, mode, atime, mtime } = before;
    const begun = await readTrailer(compressedPath(path));
    if (begun === null) {
      const target = await open(partialPath, "w", mode);
      try {
        await compress(source, target, { signal, pauseMs });
        takePlaceOf(before, target.fd, { mode });
        await target.utimes(atime, mtime);
        await target.sync();
      } finally {
        await target.close();
      }
      await rename(partialPath, compressedPath(path));
      // Otherwise a power cut could undo the new name after the old one has gone.
      await syncFolder(dirname(path));
    } else if (!begun.equals(await findTrailer(source, size))) {
      throw new Error(
        `Cannot compress ${path}: there is a ${compressedPath(path)} already, of another capture`,
      );
    }
    await unlink(path);
  } catch (error) {
    await rm(partialPath, { force: true });
    throw error;
  } finally {
    await source.close();
  }
}

async function compress(
  source: FileHandle,
  target: FileHandle,
  { signal, pauseMs }: { signal: AbortSignal; pauseMs: number },
): Promise<void> {
  // Loaded only once there is something to compress.
  const { gzipSync } = await import("node:zlib");
  await zipPieces(source, target, async (piece, isLast) => {
    signal.throwIfAborted();
    const zipped = gzipSync(shrinkLines(piece), { level });
    if (!isLast) await setTimeout(pauseMs, undefined, { signal });
    return zipped;
  });
}

/** Writes each piece of a file as a member of a gzip file. `zip` is given bytes that hold until it is done. */
export async function zipPieces(
  source: FileHandle,
  target: FileHandle,
  zip: (piece: Buffer, isLast: boolean) => Promise<Buffer>,
): Promise<void> {
  const piece = Buffer.alloc(pieceBytes);
  for (let offset = 0; ;) {
    const length = await readPiece(source, piece, offset);
    // An empty file is one empty member.
    if (length === 0 && offset > 0) return;
    const isLast = length < pieceBytes;
    await target.appendFile(await zip(piece.subarray(0, length), isLast));
    if (isLast) return;
    offset += length;
  }
}

/** As much as there is, up to a whole piece. */
async function readPiece(source: FileHandle, piece: Buffer, offset: number): Promise<number> {
  let length = 0;
  while (length < piece.length) {
    const free = piece.length - length;
    const { bytesRead } = await source.read(piece, length, free, offset + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

/** How the compressed file ends that is the capture's, complete. */
async function findTrailer(source: FileHandle, size: number): Promise<Buffer> {
  const { gzipSync } = await import("node:zlib");
  const piece = Buffer.alloc(pieceBytes);
  const start = Math.floor(Math.max(0, size - 1) / pieceBytes) * pieceBytes;
  const length = await readPiece(source, piece, start);
  return gzipSync(shrinkLines(piece.subarray(0, length))).subarray(-trailerBytes);
}

/** null where there is no such file. */
async function readTrailer(path: string): Promise<Buffer | null> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  try {
    const { size } = await file.stat();
    const trailer = Buffer.alloc(trailerBytes);
    await file.read(trailer, 0, trailerBytes, Math.max(0, size - trailerBytes));
    return trailer;
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
