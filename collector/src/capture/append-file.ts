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
import { acquireLock, type Lock } from "./lock.ts";

const newline = 10;
const standardOutput = 1;
const chunkBytes = 64 * 1024;

/**
 * A file that whole lines are appended to, by this process alone. What a killed writer left of its last line is cut off.
 * Anything but a regular file – a pipe, a terminal – is written to as it is.
 */
export class AppendFile {
  /** Whether there are lines from before. */
  readonly continues: boolean;
  /** Bytes of a torn last line that were cut off. */
  readonly cutBytes: number;
  /** Whether a failed write can be tried again: the file keeps its last whole line. */
  readonly regular: boolean;
  /** What a regular file holds. */
  bytes: number;
  private readonly descriptor: number;
  private readonly lock: Lock | null;

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
    this.descriptor =
      path === "-" ? standardOutput : openSync(path, access | constants.O_APPEND, 0o644);
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
   * Appends whole lines, or nothing.
   * @throws the system's error, for example that the disk is full.
   */
  append(lines: Uint8Array): void {
    let written = 0;
    while (written < lines.length) {
      try {
        written += writeSync(this.descriptor, lines, written, lines.length - written);
      } catch (error) {
        if (!this.regular && isFull(error)) {
          waitShortly();
          continue;
        }
        if (this.regular && written > 0) {
          ftruncateSync(this.descriptor, fstatSync(this.descriptor).size - written);
        }
        throw error;
      }
    }
    this.bytes += written;
  }

  close(): void {
    if (this.descriptor !== standardOutput) closeSync(this.descriptor);
    this.lock?.release();
  }
}

/** A pipe that another program has set not to wait. */
function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}

function waitShortly(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
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
