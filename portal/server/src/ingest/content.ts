// A file's bytes on their way to the parser: unzipped where they are gzip, refused where they are no text, and counted.
import { once } from "node:events";
import { HttpProblem } from "@perfanalysis/contract/http-problem";
import { finished } from "node:stream/promises";
import { createGunzip, type Gunzip } from "node:zlib";

/** Takes a file piece by piece. Throws an HttpProblem where it cannot be read; then only `close` may be called. */
export interface Content {
  write(chunk: Uint8Array): Promise<void>;
  end(): Promise<void>;
  close(): void;
}

export interface ContentOptions {
  /** Of the file as it is sent, and of what it unzips to. */
  maxBytes: number;
  onBytes: (bytes: Uint8Array) => void;
}

/** First bytes of what people send instead of CSV. https://en.wikipedia.org/wiki/List_of_file_signatures */
const signatures: readonly [name: string, bytes: readonly number[]][] = [
  ["a ZIP archive or an Excel workbook", [0x50, 0x4b, 0x03, 0x04]],
  ["an old Excel workbook", [0xd0, 0xcf, 0x11, 0xe0]],
  ["a PDF", [0x25, 0x50, 0x44, 0x46]],
  ["compressed with zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["compressed with xz", [0xfd, 0x37, 0x7a, 0x58]],
  ["compressed with bzip2", [0x42, 0x5a, 0x68]],
  ["a program", [0x7f, 0x45, 0x4c, 0x46]],
  ["an image", [0x89, 0x50, 0x4e, 0x47]],
  ["an image", [0xff, 0xd8, 0xff]],
];
const gzip = [0x1f, 0x8b];
const longestSignature = 4;
const MiB = 1024 * 1024;

export function createContent({ maxBytes, onBytes }: ContentOptions): Content {
  let sentBytes = 0;
  let contentBytes = 0;
  /** The first bytes, until they are enough to tell what they are; null from then on. */
  let head: Buffer | null = Buffer.alloc(0);
  let gunzip: Gunzip | null = null;
  return {
    async write(chunk) {
      sentBytes += chunk.length;
      if (sentBytes > maxBytes) throw tooLarge(maxBytes);
      if (head === null) return await pass(chunk);
      head = Buffer.concat([head, chunk]);
      if (head.length >= longestSignature) await open(head);
    },
    async end() {
      if (head !== null) await open(head);
      if (gunzip === null) return;
      gunzip.end();
      await finished(gunzip, { writable: false }).catch(throwDamaged);
    },
    close() {
      gunzip?.destroy();
    },
  };

  async function open(start: Buffer): Promise<void> {
    head = null;
    if (startsWith(start, gzip)) gunzip = unzip(take);
    else refuseForeign(start);
    await pass(start);
  }

  async function pass(chunk: Uint8Array): Promise<void> {
    if (gunzip === null) return take(chunk);
    if (gunzip.write(chunk)) return;
    await once(gunzip, "drain").catch(throwDamaged);
  }

  function take(bytes: Uint8Array): void {
    if (contentBytes === 0) {
      if (gunzip !== null && startsWith(bytes, gzip)) throw notCsv("zipped twice");
      refuseForeign(bytes);
    }
    contentBytes += bytes.length;
    if (contentBytes > maxBytes) throw tooLarge(maxBytes);
    onBytes(bytes);
  }
}

/** What `onBytes` throws becomes the stream's error. */
function unzip(onBytes: (bytes: Uint8Array) => void): Gunzip {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  gunzip.on("data", (bytes: Uint8Array) => {
    // A destroyed stream may still have bytes in hand.
    if (gunzip.destroyed) return;
    try {
      onBytes(bytes);
    } catch (error) {
      gunzip.destroy(error instanceof Error ? error : new Error("Cannot read", { cause: error }));
    }
  });
  // Whoever writes next, or ends, is told.
  gunzip.on("error", () => undefined);
  return gunzip;
}

function throwDamaged(error: unknown): never {
  const isZlib = error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
  if (!isZlib) throw error;
  throw new HttpProblem(
    400,
    "Invalid CSV",
    "Cannot unzip the file: it is damaged or cut off. Zip it anew with gzip.",
    { cause: error },
  );
}

function refuseForeign(head: Uint8Array): void {
  const found = signatures.find(([, bytes]) => startsWith(head, bytes));
  if (found !== undefined) throw notCsv(found[0]);
}

function startsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, at) => bytes[at] === byte);
}

function notCsv(what: string): HttpProblem {
  return new HttpProblem(
    415,
    "Not CSV",
    `Cannot import the file: it is ${what}. Send CSV text, as it is or zipped once with gzip.`,
  );
}

function tooLarge(maxBytes: number): HttpProblem {
  return new HttpProblem(
    413,
    "Too large",
    `Cannot take more than ${maxBytes / MiB} MiB, nor what unzips to more. Split it by time.`,
  );
}
