import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

/** A longer line is no line of a capture; the largest host's raw /proc/stat has some hundred kilobytes. */
const maxLineBytes = 64 * 1024 * 1024;
const newline = 10;
/** Large pieces: what is left over of a piece is copied to the next one, again and again where a line is long. */
const chunkBytes = 1024 * 1024;

export class LineTooLongError extends Error {}

export interface LineHandler {
  /** A line between `start` and `end`, without its newline; `line` counts from 1. The bytes hold during the call. */
  line(bytes: Buffer, start: number, end: number, line: number): void;
  /** The bytes behind the last newline, if there are any. */
  tail(bytes: Buffer, start: number, end: number, line: number): void;
  /** After each piece of the file: the handler may wait here until its output has room. */
  afterChunk(bytesRead: number): Promise<void>;
}

/**
 * Reads a file line by line; gzip is recognised by its first bytes.
 * @throws LineTooLongError, zlib's and the system's errors.
 */
export async function readLines(path: string, handler: LineHandler): Promise<void> {
  const zipped = isGzip(await readStart(path));
  const file = createReadStream(path, { highWaterMark: chunkBytes });
  const split = (chunks: AsyncIterable<Buffer>): Promise<void> =>
    splitLines(chunks, handler, () => file.bytesRead);
  await (zipped
    ? pipeline(file, createGunzip({ chunkSize: chunkBytes }), split)
    : pipeline(file, split));
}

/** The first bytes of a file, by which formats are recognised. */
export async function readStart(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(startBytes), 0, startBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const startBytes = 6;

function isGzip(start: Buffer): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

/** Splits chunks into lines; `bytesRead` tells how much of the input is behind them. */
export async function splitLines(
  chunks: AsyncIterable<Buffer>,
  handler: LineHandler,
  bytesRead: () => number,
): Promise<void> {
  let line = 1;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    // What is left over from the chunk before has no newline.
    let end = bytes.indexOf(newline, rest.length);
    for (; end !== -1; end = bytes.indexOf(newline, start)) {
      handler.line(bytes, start, end, line);
      line += 1;
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > maxLineBytes) {
      throw new LineTooLongError(
        `line ${line} has more than ${maxLineBytes} bytes: this is no capture`,
      );
    }
    await handler.afterChunk(bytesRead());
  }
  if (rest.length > 0) handler.tail(rest, 0, rest.length, line);
}
