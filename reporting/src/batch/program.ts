// What this program is: the same input makes the same report only where all of it is as it was.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface Program {
  /** Its own code, and that by which it reads captures and knows columns. */
  folders: readonly string[];
  /** What npm installed, as npm says; null where something else did. */
  lockFile: string | null;
}

const code = /(?<!\.test)\.(?:ts|mjs|typ)$/;
const lockFiles = ["node_modules/.package-lock.json", "package-lock.json"];

export function findProgram(): Program {
  const { resolve } = createRequire(import.meta.url);
  const own = dirname(import.meta.dirname);
  return {
    folders: [
      own,
      dirname(resolve("@perfanalysis/contract/metrics")),
      dirname(resolve("@perfanalysis/collector/captures")),
    ],
    lockFile: findLockFile(own),
  };
}

/** The nearest of those above a folder. */
function findLockFile(folder: string): string | null {
  const found = lockFiles.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  const above = dirname(folder);
  return above === folder ? null : findLockFile(above);
}

/**
 * Another one wherever a file was written: npm gives all files of a package one time of modification, but nobody sets when a file's entry
 * was changed. The runtime has a say, too: by its time zones, for example.
 */
export function digestProgram({ folders, lockFile }: Program): string {
  const hash = createHash("sha256").update(JSON.stringify(process.versions));
  const add = (path: string): void => {
    const { size, mtimeMs, ctimeMs } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs} ${ctimeMs}\n`);
  };
  for (const folder of folders) {
    const names = readdirSync(folder, { encoding: "utf8", recursive: true });
    for (const name of names.filter((each) => code.test(each)).toSorted()) add(join(folder, name));
  }
  if (lockFile !== null) add(lockFile);
  return hash.digest("hex");
}
