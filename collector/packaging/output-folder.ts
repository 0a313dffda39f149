import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Makes the folder, or removes from it what earlier runs have put there, and nothing else: it may be anybody's. */
export function prepareOutputFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const file of listOutputs(folder)) rmSync(join(folder, file));
  rmSync(join(folder, "SHA256SUMS"), { force: true });
}

/** The files that packaging has made, but for their checksums, in order. */
export function listOutputs(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^perfcollector[-_]\d/.test(entry.name))
    .map(({ name }) => name)
    .toSorted();
}
