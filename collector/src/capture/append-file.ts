import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from "node:fs";
import { setTimeout } from "node:timers/promises";
import { ExitError, exitCodeOf, exitCodes } from "../exit.ts";
import { messageOf } from "../message-of.ts";
import { acquireLock, type Lock } from "./lock.ts";

const newline = 10;
const standardOutput = 1;
const chunkBytes = 64 * 1024;
/** How long the end of the output may wait for its reader: the whole program ends within 10 s. */
const drainMs = 2000;
const waitMs = 20;

/** Who reads what is written does not come along. */
class UnreadError extends Error {}

/**
 * A file that whole lines are appended to, by this process alone. What a killed writer left of its last line is cut off.
 * Anything but a regular file – a pipe, a terminal – is written to as it is, and never waited for.
 */
export class AppendFile {
  /** Whether there are lines from before. */
  readonly continues: boolean;
  /** Bytes of a torn last line that were cut off. */
  readonly cutBytes: number;
  private readonly regular: boolean;
  /** What a regular file holds. */
  bytes: number;
  private readonly descriptor: number;
  private readonly lock: Lock | null;
  /** Lines, or the end of one, that a pipe had no room for. */
  private unread: Uint8Array = Buffer.alloc(0);

  /**
   * The path `-` is standard output. `accepts` looks at the first line and throws where it is not of the same format, before
   * anything is changed. A line that is not complete is all that there is.
   * @throws LockedError, the system's errors, and what `accepts` throws.
   */
  constructor(
    path: string,
    { accepts }: { accepts: (firstLine: string, complete: boolean) => void },
  ) {
    this.regular = path !== "-" && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? true);
    // Opened for reading too, a pipe would never tell that its reader has gone.
    const access = this.regular ? constants.O_RDWR | constants.O_CREAT : constants.O_WRONLY;
    this.descriptor = path === "-" ? standardOutput : open(path, access | constants.O_APPEND);
    if (!this.regular) this.descriptor = openUnwaiting(this.descriptor);
    let lock: Lock | null = null;
    try {
      if (this.regular) lock = acquireLock(path);
      const size = this.regular ? fstatSync(this.descriptor).size : 0;
      const end = findLastLineEnd(this.descriptor, size);
      if (size > 0) accepts(readFirstLine(this.descriptor, size), end > 0);
      this.continues = end > 0;
      this.cutBytes = size - end;
      this.bytes = end;
      if (this.cutBytes > 0) ftruncateSync(this.descriptor, end);
    } catch (error) {
      closeSync(this.descriptor);
      lock?.release();
      throw error;
    }
    this.lock = lock;
  }

  /**
   * Appends whole lines, or nothing. Where nobody reads, the lines are kept, and the next ones not taken until they are gone.
   * @throws the system's error, for example that the disk is full.
   */
  append(lines: Uint8Array): void {
    if (this.regular) this.appendRegular(lines);
    else {
      this.writeUnread();
      if (this.unread.length > 0) throw new UnreadError("nobody reads it");
      // The caller's bytes are overwritten by the next lines.
      const written = this.writeSome(lines);
      if (written < lines.length) this.unread = Buffer.from(lines.subarray(written));
    }
    this.bytes += lines.length;
  }

  /** Whether lines that could not be appended can be tried again: nothing of them was written. */
  canRetry(error: unknown): boolean {
    return this.regular || error instanceof UnreadError;
  }

  /** Gives whoever reads some time for the end. */
  async drain(): Promise<void> {
    for (let waits = 0; waits < drainMs / waitMs && this.unread.length > 0; waits += 1) {
      this.writeUnread();
      if (this.unread.length > 0) await setTimeout(waitMs);
    }
  }

  close(): void {
    if (this.descriptor !== standardOutput) closeSync(this.descriptor);
    this.lock?.release();
  }

  private appendRegular(lines: Uint8Array): void {
    let written = 0;
    try {
      while (written < lines.length) {
        written += writeSync(this.descriptor, lines, written, lines.length - written);
      }
    } catch (error) {
      if (written > 0) ftruncateSync(this.descriptor, fstatSync(this.descriptor).size - written);
      throw error;
    }
  }

  private writeUnread(): void {
    if (this.unread.length === 0) return;
    this.unread = this.unread.subarray(this.writeSome(this.unread));
  }

  /** As much as there is room for. */
  private writeSome(lines: Uint8Array): number {
    let written = 0;
    try {
      while (written < lines.length) {
        written += writeSync(this.descriptor, lines, written, lines.length - written);
      }
    } catch (error) {
      if (!isFull(error)) throw error;
    }
    return written;
  }
}

function open(path: string, flags: number): number {
  try {
    return openSync(path, flags, 0o644);
  } catch (cause) {
    if (exitCodeOf(cause) !== exitCodes.permission) throw cause;
    const message = `Cannot write ${path}: ${messageOf(cause)}`;
    throw new ExitError(exitCodes.permission, message, { cause });
  }
}

/**
 * The same pipe or terminal, but for this process's own descriptor of it, which does not wait: a write that waits would hold up
 * signals, too. A socket cannot be opened so.
 */
function openUnwaiting(descriptor: number): number {
  let unwaiting: number;
  try {
    const path = `/proc/self/fd/${descriptor}`;
    unwaiting = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK);
  } catch {
    return descriptor;
  }
  if (descriptor !== standardOutput) closeSync(descriptor);
  return unwaiting;
}

/** A pipe that has no room. */
function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}

/** Offset behind the last newline; 0 where there is none. */
function findLastLineEnd(descriptor: number, size: number): number {
  const bytes = Buffer.alloc(Math.min(chunkBytes, size));
  for (let end = size; end > 0; end -= bytes.length) {
    const start = Math.max(0, end - bytes.length);
    const length = readSync(descriptor, bytes, 0, end - start, start);
    const at = bytes.subarray(0, length).lastIndexOf(newline);
    if (at !== -1) return start + at + 1;
  }
  return 0;
}

/** At most as much as a header can have on a machine with thousands of devices. */
function readFirstLine(descriptor: number, size: number): string {
  const bytes = Buffer.alloc(Math.min(4 * 1024 * 1024, size));
  const length = readSync(descriptor, bytes, 0, bytes.length, 0);
  return bytes.toString("utf8", 0, length).split("\n", 1)[0] ?? "";
}
