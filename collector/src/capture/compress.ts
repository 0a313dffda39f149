import { open, rename, rm, unlink, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";

/** Small enough that neither a tick nor memory feels it. */
const pieceBytes = 64 * 1024;
/** Measured on captures: 6 takes twice the time of 3 for an eighth less. */
const level = 6;

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
    const { size, mode, atime, mtime } = await source.stat();
    const before = await readPlainSize(compressedPath(path));
    if (before === null) {
      const target = await open(partialPath, "w", mode);
      try {
        await deflate(source, target, { signal, pauseMs });
        await target.utimes(atime, mtime);
        await target.sync();
      } finally {
        await target.close();
      }
      await rename(partialPath, compressedPath(path));
      // Otherwise a power cut could undo the new name after the old one has gone.
      await syncFolder(dirname(path));
    } else if (before !== size % 2 ** 32) {
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

async function deflate(
  source: FileHandle,
  target: FileHandle,
  { signal, pauseMs }: { signal: AbortSignal; pauseMs: number },
): Promise<void> {
  // Loaded only once there is something to compress.
  const { createGzip } = await import("node:zlib");
  await pipeline(
    readPieces(source, pauseMs, signal),
    createGzip({ level }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) await target.appendFile(chunk);
    },
    { signal },
  );
}

async function* readPieces(
  source: FileHandle,
  pauseMs: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for (let offset = 0; ;) {
    // Of its own: the compressor may still hold the piece before.
    const { bytesRead, buffer } = await source.read(
      Buffer.alloc(pieceBytes),
      0,
      pieceBytes,
      offset,
    );
    if (bytesRead === 0) return;
    offset += bytesRead;
    yield buffer.subarray(0, bytesRead);
    await setTimeout(pauseMs, undefined, { signal });
  }
}

/** How many bytes a gzip file of one member unpacks to, modulo 2³²: its last four bytes; null where there is no such file. */
async function readPlainSize(path: string): Promise<number | null> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  try {
    const { size } = await file.stat();
    const trailer = Buffer.alloc(4);
    const { bytesRead } = await file.read(trailer, 0, 4, Math.max(0, size - 4));
    return bytesRead === 4 ? trailer.readUInt32LE() : Number.NaN;
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
