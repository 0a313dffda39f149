// Reports that were made before, by what they were made of: the same input, settings and program give the same report.
import { createHash } from "node:crypto";
import { open, readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "@perfanalysis/contract/make-folder";
import { writeAtomically } from "../files.ts";
import { digestProgram, findProgram } from "./program.ts";

/** Reports are customers' data: only their owner may look. */
const folderMode = 0o700;
const fileMode = 0o600;
/** What the cache wrote, whole or on the way to it: the folder may hold other files, which are not its own to remove. */
const ownFile = /^(?:[0-9a-f]{64}\.[a-z]+|\.[0-9a-f]{64}\.[a-z]+\.[0-9a-f]{12})$/;
/** Each file begins with the SHA-256 of the report that follows: what a full disk or a crash left of one is none. */
const digestBytes = 32;
const defaultMaxBytes = 256 * 2 ** 20;

export interface ReportCache {
  /** null where there is none. A report that is asked for counts as used now. */
  get(key: string, format: string): Promise<Buffer | null>;
  /** Those unused for the longest give way to it. */
  put(key: string, format: string, content: Uint8Array): Promise<void>;
}

/** Made where it is not there. Throws the file system's error where that is impossible. */
export async function openCache(
  folder: string,
  { maxBytes = defaultMaxBytes }: { maxBytes?: number } = {},
): Promise<ReportCache> {
  makeFolder(folder, { mode: folderMode });
  const pathOf = (key: string, format: string): string => join(folder, `${key}.${format}`);
  return {
    async get(key, format) {
      const path = pathOf(key, format);
      try {
        const file = await readFile(path);
        const content = file.subarray(digestBytes);
        if (!digestOf(content).equals(file.subarray(0, digestBytes))) return null;
        const now = new Date();
        await utimes(path, now, now);
        return content;
      } catch {
        // Whatever is wrong with it, it can be made again.
        return null;
      }
    },
    async put(key, format, content) {
      const file = Buffer.concat([digestOf(content), content]);
      await writeAtomically(pathOf(key, format), file, fileMode);
      await prune(folder, maxBytes);
    },
  };
}

function digestOf(content: Uint8Array): Buffer {
  return createHash("sha256").update(content).digest();
}

async function prune(folder: string, maxBytes: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => ownFile.test(name));
  const entries = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      // Another process may have removed it.
      const { size, mtimeMs } = await stat(path).catch(() => ({ size: 0, mtimeMs: 0 }));
      return { path, size, mtimeMs };
    }),
  );
  let total = entries.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of entries.toSorted((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (total <= maxBytes) return;
    await rm(path, { force: true });
    total -= size;
  }
}

/** Of input files, as they are. */
export interface InputDigest {
  /** Of all of them, one behind the other: the reader of the input has the same of what it read. */
  sha256: string;
  /** Where one ends and the next begins. */
  sizes: readonly number[];
}

/** What a report is known by: digests of its input and of this program, and everything else that has a say in what stands in it. */
export function cacheKey(input: InputDigest, settings: unknown): string {
  program ??= digestProgram(findProgram());
  return createHash("sha256")
    .update(JSON.stringify([input, settings, program]))
    .digest("hex");
}

let program: string | null = null;

/** Throws the file system's error. */
export async function digestFiles(paths: readonly string[]): Promise<InputDigest> {
  const hash = createHash("sha256");
  const sizes: number[] = [];
  // One buffer again and again: a stream's would all lie about until the garbage is collected, 25 MB of a day.
  const buffer = new Uint8Array(1 << 18);
  for (const path of paths) {
    const file = await open(path);
    try {
      let size = 0;
      for (;;) {
        const { bytesRead } = await file.read(buffer);
        if (bytesRead === 0) break;
        hash.update(buffer.subarray(0, bytesRead));
        size += bytesRead;
      }
      sizes.push(size);
    } finally {
      await file.close();
    }
  }
  return { sha256: hash.digest("hex"), sizes };
}
