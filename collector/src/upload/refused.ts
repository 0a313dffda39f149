// Batches that a portal refuses for good, as files in the CSV standard that somebody can look at, mend and upload.
import { lstatSync, readdirSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { makeFolder } from "@perfanalysis/contract/make-folder";

export interface RefusedBatch {
  /** Counts up from batch to batch. */
  sequence: number;
  status: number;
  csv: Buffer;
}

const defaultMaxBytes = 16 * 1024 * 1024;

/**
 * Keeps the batch in the folder, and removes the oldest ones that there is no room for. The same batch, refused again after a restart,
 * replaces itself.
 * @throws the system's error.
 */
export function setAside(
  folder: string,
  { sequence, status, csv }: RefusedBatch,
  maxBytes = defaultMaxBytes,
): void {
  makeFolder(folder, { mode: 0o700 });
  if (!lstatSync(folder).isDirectory()) throw new Error(`${folder} is not a folder`);
  const name = `${String(sequence).padStart(15, "0")}-http${status}.csv.gz`;
  const draft = join(folder, "draft");
  // Synced, since the spool lets go of it now.
  writeFileSync(draft, gzipSync(csv), { mode: 0o600, flush: true });
  renameSync(draft, join(folder, name));
  let bytes = 0;
  for (const path of listRefused(folder).toReversed()) {
    bytes += statSync(path).size;
    if (bytes > maxBytes) unlinkSync(path);
  }
}

/** Oldest first. */
function listRefused(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^\d{15}-http\d+\.csv\.gz$/.test(name))
    .toSorted()
    .map((name) => join(folder, name));
}
