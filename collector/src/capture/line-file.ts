import { gzipSync } from "node:zlib";
import { OutputFile } from "./output-file.ts";

const blockBytes = 1024 * 1024;
const newline = Buffer.from("\n");

/** A file of lines that appears when it is complete, zipped where its name ends in `.gz`. */
export class LineFile {
  private readonly file: OutputFile;
  private readonly zipped: boolean;
  private block: Buffer[] = [];
  private length = 0;

  /** @throws ExitError naming the path that cannot be written. */
  constructor(path: string, { zipped = path.endsWith(".gz") }: { zipped?: boolean } = {}) {
    this.file = new OutputFile(path);
    this.zipped = zipped;
  }

  /** Without its newline. */
  write(line: Buffer): void {
    this.block.push(Buffer.from(line), newline);
    this.length += line.length + 1;
    if (this.length >= blockBytes) this.flush();
  }

  commit(): void {
    this.flush();
    this.file.commit();
  }

  discard(): void {
    this.file.discard();
  }

  private flush(): void {
    if (this.length === 0) return;
    const block = Buffer.concat(this.block);
    this.file.write(this.zipped ? gzipSync(block) : block);
    this.block = [];
    this.length = 0;
  }
}
