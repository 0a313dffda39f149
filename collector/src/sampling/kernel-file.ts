import { closeSync, openSync, readSync } from "node:fs";
import { textStart, type ByteText } from "../procfs/in-place/byte-text.ts";

/** A file of /proc, opened once and read again and again. */
export class KernelFileHandle {
  readonly path: string;
  private descriptor: number | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Reads the whole file as it is now into `text`.
   * @throws the system's error; the next call opens the file anew.
   */
  read(text: ByteText): void {
    try {
      this.descriptor ??= openSync(this.path, "r");
      text.reset(readWhole(this.descriptor, text));
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
