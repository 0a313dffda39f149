import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { textStart, type ByteText } from "../procfs/in-place/byte-text.ts";

/** What the output, the spool and connections come to need. */
const reservedDescriptors = 16;

/** A file of /proc, opened once and read again and again; anew each time where descriptors are scarce. */
export class KernelFileHandle {
  readonly path: string;
  private readonly keptBelow: number;
  private readonly readAll: (descriptor: number, text: ByteText) => number;
  private descriptor: number | null = null;

  /**
   * Descriptors from `keptBelow` on are not kept. `inOnePiece`: the kernel gives the whole file in one reading where there is room for
   * it, as it does files of cgroups.
   */
  constructor(
    path: string,
    keptBelow: number,
    { inOnePiece = false }: { inOnePiece?: boolean } = {},
  ) {
    this.path = path;
    this.keptBelow = keptBelow;
    this.readAll = inOnePiece ? readPiece : readWhole;
  }

  /**
   * Reads the whole file as it is now into `text`.
   * @throws the system's error; the next call opens the file anew.
   */
  read(text: ByteText): void {
    try {
      this.descriptor ??= openSync(this.path, "r");
      text.reset(this.readAll(this.descriptor, text));
      if (this.descriptor >= this.keptBelow) this.close();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    if (this.descriptor === null) return;
    const descriptor = this.descriptor;
    this.descriptor = null;
    closeSync(descriptor);
  }
}

/** The first descriptor that is to be left to others: a process is given the lowest that is free. */
export function readKeptBelow(limitsPath = "/proc/self/limits"): number {
  try {
    const limits = readFileSync(limitsPath, "utf8");
    const [, limit = ""] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
    return limit === "" ? Number.POSITIVE_INFINITY : Number(limit) - reservedDescriptors;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** The kernel gives many files a page at a time, so that only an empty read is the end. */
function readWhole(descriptor: number, text: ByteText): number {
  let end = textStart;
  for (;;) {
    if (end === text.bytes.length) text.grow();
    const read = readSync(descriptor, text.bytes, end, text.bytes.length - end, end - textStart);
    if (read === 0) return end;
    end += read;
  }
}

function readPiece(descriptor: number, text: ByteText): number {
  for (;;) {
    const room = text.bytes.length - textStart;
    const read = readSync(descriptor, text.bytes, textStart, room, 0);
    if (read < room) return textStart + read;
    text.grow();
  }
}
