// Nothing that the parts exchange, but what all of them need alike that run on a host.
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder, and those above it that are missing; does nothing where it is there. Unlike `mkdirSync` with `recursive` it also ends
 * where the system has no place for folders and says ENOENT for one whose parent is there, as below /proc: Node tries that for ever.
 * @throws the system's errors.
 */
export function makeFolder(path: string, { mode = 0o777 }: { mode?: number } = {}): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (isFolder(path)) return;
    if (!isMissing(error) || dirname(path) === path) throw error;
    makeFolder(dirname(path), { mode });
    makeOne(path, mode);
  }
}

/** Somebody else may make it at the same moment. */
function makeOne(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (!isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
