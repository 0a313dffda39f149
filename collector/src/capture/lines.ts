import { createReadStream, type ReadStream } from "node:fs";
import { open, readFile, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import { createGunzip, type Gunzip } from "node:zlib";

/** A longer line is no line of a capture; the largest host's raw /proc/stat has some hundred kilobytes. */
const maxLineBytes = 64 * 1024 * 1024;
const newline = 10;
/** A damaged gzip file is read as a whole to find what is whole in it. */
const maxSalvagedBytes = 512 * 1024 * 1024;
/** Large pieces: what is left over of a piece is copied to its start, again and again where a line is long. */
const chunkBytes = 1024 * 1024;

export class LineTooLongError extends Error {}
/** Of a damaged gzip file nothing is whole, or not what is needed. */
export class NothingWholeError extends Error {}

export interface LineHandler {
  /** A line between `start` and `end`, without its newline; `line` counts from 1. The bytes hold during the call. */
  line(bytes: Buffer, start: number, end: number, line: number): void;
  /** The bytes behind the last newline, if there are any. */
  tail(bytes: Buffer, start: number, end: number, line: number): void;
  /** Something of a damaged gzip file was left out before this line; without it, such a file is not read. */
  lost?(line: number): void;
  /** After each piece of the file: the handler may wait here until its output has room. */
  afterChunk(bytesRead: number): Promise<void>;
}

/**
 * Reads a file line by line; gzip is recognised by its first bytes. Where it is cut off, every line before that is read; where it is
 * damaged and the handler wants to hear what is lost, the lines that are whole in its undamaged members.
 * @throws LineTooLongError, zlib's and the system's errors.
 */
export async function readLines(path: string, handler: LineHandler): Promise<void> {
  if (isGzip(await readStart(path))) {
    if (handler.lost !== undefined && (await readMembers(path, handler))) return;
    const file = createReadStream(path, { highWaterMark: chunkBytes });
    const unzip = createGunzip({ chunkSize: chunkBytes });
    await pipeline(
      () => endWhenRead(file, unzip),
      unzip,
      (chunks: AsyncIterable<Buffer>) => splitLines(chunks, handler, () => file.bytesRead),
    );
    if (unzip.bytesWritten < file.bytesRead) {
      const { checkRest } = await import("./gzip-members.ts");
      await checkRest(path, unzip.bytesWritten);
    }
    return;
  }
  const file = await open(path);
  try {
    const splitter = new LineSplitter(handler);
    let position = 0;
    for (;;) {
      const { bytes, from } = splitter.makeRoom(chunkBytes);
      const { bytesRead } = await file.read(bytes, from, bytes.length - from, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      splitter.take(bytesRead);
      await handler.afterChunk(position);
    }
    splitter.end();
  } finally {
    await file.close();
  }
}

/**
 * Reads the whole members of a damaged file; false where it is not damaged, or too large.
 * @throws NothingWholeError where no member is.
 */
async function readMembers(path: string, handler: LineHandler): Promise<boolean> {
  if ((await stat(path)).size > maxSalvagedBytes) return false;
  const { findDamage, findDamagedByte, listMembers } = await import("./gzip-members.ts");
  const damage = await findDamage(path);
  if (damage === null) return false;
  const file = await readFile(path);
  const splitter = new LineSplitter(handler);
  let isTorn = false;
  let isAnyWhole = false;
  for (const member of listMembers(file)) {
    if (member === null) {
      handler.lost?.(splitter.drop());
      isTorn = true;
      continue;
    }
    isAnyWhole = true;
    // The line that it begins with may have begun in what is lost.
    const from = isTorn ? member.indexOf(newline) + 1 : 0;
    if (isTorn && from === 0) continue;
    isTorn = false;
    splitter.put(member.subarray(from));
    await handler.afterChunk(file.length);
  }
  if (!isAnyWhole) {
    const byte = await findDamagedByte(path);
    const where = byte === null ? "somewhere" : `at byte ${byte} of ${file.length} or before`;
    const message = `its gzip data is damaged ${where}, and zipped in one piece, of which nothing is certain; what "gzip -dc" still gives of it may hold wrong numbers`;
    throw new NothingWholeError(message, { cause: damage });
  }
  splitter.end();
  return true;
}

/**
 * The file, which ends when all of it has been unzipped and read: where it is cut off, zlib throws its error at the end and with that
 * everything away that nobody has read.
 */
async function* endWhenRead(file: ReadStream, unzip: Gunzip): AsyncGenerator<Buffer> {
  for await (const chunk of file) {
    // A stream without an encoding gives buffers.
    yield chunk as Buffer;
  }
  while (!unzip.destroyed && unzip.writableLength + unzip.readableLength > 0) await setTimeout(1);
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
  const splitter = new LineSplitter(handler);
  for await (const chunk of chunks) {
    splitter.put(chunk);
    await handler.afterChunk(bytesRead());
  }
  splitter.end();
}

/** One lasting buffer, with what is left over of the line that is not yet whole at its start. */
class LineSplitter {
  private readonly handler: LineHandler;
  private bytes: Buffer = Buffer.alloc(0);
  private length = 0;
  private line = 1;

  constructor(handler: LineHandler) {
    this.handler = handler;
  }

  /** Where at least so many bytes can be put. */
  makeRoom(count: number): { bytes: Buffer; from: number } {
    if (this.length + count > this.bytes.length) {
      const larger = Buffer.allocUnsafe(2 * this.length + count);
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    return { bytes: this.bytes, from: this.length };
  }

  put(chunk: Buffer): void {
    const { bytes, from } = this.makeRoom(chunk.length);
    chunk.copy(bytes, from);
    this.take(chunk.length);
  }

  /** The line that has begun has no end; answers its number. */
  drop(): number {
    const { line } = this;
    this.length = 0;
    this.line += 1;
    return line;
  }

  /** Hands on the lines that so many new bytes make whole. */
  take(count: number): void {
    const { bytes, handler } = this;
    const length = this.length + count;
    const filled = bytes.subarray(0, length);
    let start = 0;
    // What was left over has no newline.
    let end = filled.indexOf(newline, this.length);
    for (; end !== -1; end = filled.indexOf(newline, start)) {
      handler.line(filled, start, end, this.line);
      this.line += 1;
      start = end + 1;
    }
    bytes.copyWithin(0, start, length);
    this.length = length - start;
    if (this.length > maxLineBytes) {
      throw new LineTooLongError(
        `line ${this.line} has more than ${maxLineBytes} bytes: this is no capture`,
      );
    }
  }

  /** There is no more: what is left over is the last line. */
  end(): void {
    if (this.length === 0) return;
    this.handler.tail(this.bytes.subarray(0, this.length), 0, this.length, this.line);
  }
}
