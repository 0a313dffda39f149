import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { makeFolder } from "@perfanalysis/contract/make-folder";
import { ExitError, exitCodeOf, exitCodes } from "../exit.ts";
import { messageOf } from "../message-of.ts";

const standardOutput = 1;
const bufferBytes = 256 * 1024;

/**
 * A file that appears under its name only when it is complete: until then it is called `name.partial`. `-` is standard output.
 * A pipe or a device is written to as it is.
 */
export class OutputFile {
  private readonly path: string;
  private readonly writtenPath: string;
  private readonly descriptor: number;
  private readonly buffer = Buffer.alloc(bufferBytes);
  private length = 0;

  /** Whether what is written to the path can be taken back. */
  static isRegular(path: string): boolean {
    if (path === "-") return false;
    try {
      return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
    } catch {
      // Writing will tell what is wrong, and of which file.
      return true;
    }
  }

  /**
   * `ownFolder` is made where it is missing, and what is missing in it; no other folder is.
   * @throws ExitError naming the path that cannot be written.
   */
  constructor(path: string, { ownFolder = null }: { ownFolder?: string | null } = {}) {
    this.path = path;
    try {
      const regular = OutputFile.isRegular(path);
      this.writtenPath = regular ? `${path}.partial` : path;
      if (regular) refuseMissingFolder(ownFolder ?? path);
      if (ownFolder !== null) makeFolder(dirname(path));
      this.descriptor = path === "-" ? standardOutput : openSync(this.writtenPath, "w", 0o644);
    } catch (cause) {
      throw this.describe(cause);
    }
  }

  /** @throws ExitError naming the path, and EPIPE as it is: who reads has had enough. */
  write(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.buffer.length) this.flush();
    if (bytes.length > this.buffer.length) {
      this.writeOut(bytes);
      return;
    }
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** The file is complete. */
  commit(): void {
    this.flush();
    this.close();
    if (this.writtenPath !== this.path) renameSync(this.writtenPath, this.path);
  }

  /** What was written is not to be kept. */
  discard(): void {
    this.close();
    if (this.writtenPath !== this.path) rmSync(this.writtenPath, { force: true });
  }

  private close(): void {
    if (this.descriptor !== standardOutput) closeSync(this.descriptor);
  }

  private flush(): void {
    this.writeOut(this.buffer.subarray(0, this.length));
    this.length = 0;
  }

  private writeOut(bytes: Uint8Array): void {
    let written = 0;
    while (written < bytes.length) {
      try {
        written += writeSync(this.descriptor, bytes, written, bytes.length - written);
      } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : null;
        if (code === "EPIPE") throw error;
        // A pipe that another program has set not to wait.
        if (code !== "EAGAIN") throw this.describe(error);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
    }
  }

  private describe(cause: unknown): ExitError {
    if (cause instanceof ExitError) return cause;
    const refused = exitCodeOf(cause) === exitCodes.permission;
    return new ExitError(
      refused ? exitCodes.permission : exitCodes.cannotWrite,
      `Cannot write ${this.path}: ${messageOf(cause)}`,
      { cause },
    );
  }
}

/** As with pcc's captures, no folder is made: where a mount is missing, what is under it shall not be filled. */
function refuseMissingFolder(path: string): void {
  const folder = dirname(resolve(path));
  if (statSync(folder, { throwIfNoEntry: false }) !== undefined) return;
  throw new ExitError(exitCodes.noInput, `Cannot write ${path}: there is no folder ${folder}`);
}
