// A CSV in parts that the portal takes: 100 MiB of text each, zipped or not, and not too many columns times hours.
import { createHash, type Hash } from "node:crypto";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readLines } from "../capture/lines.ts";

/** A part in a file of its own, which is gone when it has been used. */
export interface CsvPart {
  /** CSV, zipped. */
  path: string;
  /** From 1 up. */
  number: number;
  /** Of the file. */
  bytes: number;
  /** Hexadecimal; of the text, unzipped. */
  sha256: string;
  rows: number;
  /** Of the first row; null where there is no such column. */
  machineId: string | null;
  /** The last row's time in Unix seconds; null where the times are written in another way. */
  endS: number | null;
}

export interface SplitOptions {
  /** Where the parts lie while they are used. */
  folder: string;
  /** Rows up to this time are left out. */
  afterS?: number | undefined;
  /** Of a part's text. */
  maxBytes?: number;
  /** Columns times hours that a part touches. */
  maxColumnHours?: number;
  use: (part: CsvPart) => Promise<void>;
  /** Called after each piece that was read. */
  onProgress?: (bytesRead: number) => Promise<void>;
}

/** Both a little below the portal's, which are 100 MiB and 400,000. */
const usualBytes = 96 * 1024 * 1024;
const usualColumnHours = 360_000;
const blockBytes = 1024 * 1024;
const hourS = 3600;
const newline = Buffer.from("\n");

/**
 * Splits between rows; each part has the header. A CSV that is small enough is one part, with the text as it stands.
 * @throws SyntaxError where it has no header, what `use` throws, and the system's errors.
 */
export async function splitCsv(path: string, options: SplitOptions): Promise<void> {
  const { folder, use, onProgress, afterS = Number.NEGATIVE_INFINITY } = options;
  const { maxBytes = usualBytes, maxColumnHours = usualColumnHours } = options;
  let header: Buffer | null = null;
  let maxHours = 0;
  let part: PartWriter | null = null;
  let number = 0;
  const ready: CsvPart[] = [];
  const finish = (): void => {
    if (part !== null) ready.push(part.end());
    part = null;
  };
  const line = (bytes: Buffer, start: number, end: number): void => {
    if (header === null) {
      header = Buffer.from(bytes.subarray(start, end));
      maxHours = Math.max(1, Math.floor(maxColumnHours / countColumns(header)));
      return;
    }
    if (start === end) return;
    const timeS = readTime(bytes, start, end);
    if (timeS !== null && timeS <= afterS) return;
    const hour = timeS === null ? null : Math.floor(timeS / hourS);
    if (part !== null && !part.hasRoom(end - start, hour, { maxBytes, maxHours })) finish();
    if (part === null) {
      number += 1;
      part = new PartWriter(join(folder, `part-${number}.csv.gz`), number, header);
    }
    part.add(bytes.subarray(start, end), timeS, hour);
  };
  try {
    await readLines(path, {
      line,
      tail: line,
      async afterChunk(bytesRead) {
        await onProgress?.(bytesRead);
        await useAll(ready, use);
      },
    });
    finish();
    await useAll(ready, use);
  } finally {
    finish();
    for (const left of ready) rmSync(left.path, { force: true });
  }
  if (header === null) throw new SyntaxError(`Cannot upload ${path}: it is empty`);
}

async function useAll(parts: CsvPart[], use: SplitOptions["use"]): Promise<void> {
  for (let part = parts[0]; part !== undefined; part = parts[0]) {
    await use(part);
    rmSync(part.path);
    parts.shift();
  }
}

class PartWriter {
  private readonly path: string;
  private readonly number: number;
  private readonly descriptor: number;
  private readonly hash: Hash = createHash("sha256");
  private readonly hours = new Set<number>();
  private block: Buffer[] = [];
  private blockLength = 0;
  private textBytes = 0;
  private bytes = 0;
  private rows = 0;
  private endS: number | null = null;
  private machineId: string | null = null;
  /** Column of the machine's name; -1 where there is none. */
  private readonly machineColumn: number;

  constructor(path: string, number: number, header: Buffer) {
    this.path = path;
    this.number = number;
    this.descriptor = openSync(path, "w", 0o600);
    this.machineColumn = listCells(header).indexOf("machine_id");
    this.write(header);
  }

  hasRoom(
    length: number,
    hour: number | null,
    { maxBytes, maxHours }: { maxBytes: number; maxHours: number },
  ): boolean {
    if (this.textBytes + length + 1 > maxBytes) return false;
    return hour === null || this.hours.has(hour) || this.hours.size < maxHours;
  }

  add(row: Buffer, timeS: number | null, hour: number | null): void {
    this.write(Buffer.from(row));
    if (this.rows === 0) this.machineId = listCells(row)[this.machineColumn] ?? null;
    this.rows += 1;
    this.endS = timeS;
    if (hour !== null) this.hours.add(hour);
  }

  end(): CsvPart {
    this.flush();
    closeSync(this.descriptor);
    const { path, number, bytes, rows, machineId, endS } = this;
    return { path, number, bytes, sha256: this.hash.digest("hex"), rows, machineId, endS };
  }

  private write(line: Buffer): void {
    this.block.push(line, newline);
    this.blockLength += line.length + 1;
    this.textBytes += line.length + 1;
    if (this.blockLength >= blockBytes) this.flush();
  }

  /** A member of a gzip file: whoever reads it reads all of them. */
  private flush(): void {
    if (this.blockLength === 0) return;
    const text = Buffer.concat(this.block);
    this.hash.update(text);
    const zipped = gzipSync(text);
    for (let written = 0; written < zipped.length;) {
      written += writeSync(this.descriptor, zipped, written);
    }
    this.bytes += zipped.length;
    this.block = [];
    this.blockLength = 0;
  }
}

/** Whole Unix seconds at the row's beginning, as our own CSV has them; null where there are none. */
function readTime(bytes: Buffer, start: number, end: number): number | null {
  let value = 0;
  let at = start;
  for (; at < end && at - start <= 10; at += 1) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return at > start && bytes[at] === 44 ? value : null;
}

/** Names and machine ids have no commas and quotes in them, but may stand between quotes. */
function listCells(line: Buffer): string[] {
  return line
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .split(",")
    .map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
}

function countColumns(header: Buffer): number {
  let count = 1;
  for (const byte of header) if (byte === 44) count += 1;
  return count;
}
