import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { hostFactsFile } from "@perfanalysis/contract/host-facts";
import { ExitError, exitCodes } from "../exit.ts";
import { describeUnreadable, recogniseFile } from "./read.ts";

/**
 * The file itself, or the captures in it where it is a folder; the time is in them, so that their order is any. CSV may have been made
 * of the captures beside it, and stands for itself only where there are none. A file that cannot be read may be a capture: whoever
 * reads it says what is wrong.
 * @throws ExitError where a folder cannot be read or holds no capture.
 */
export async function listInputs(
  name: string,
  report: (message: string) => void,
): Promise<string[]> {
  const files = listFolder(name);
  if (files === null) return [name];
  const kinds = new Map<string, FileKind>();
  for (const file of files) kinds.set(file, await findKind(join(name, file)));
  const found = new Set(kinds.values());
  const wanted = found.has("capture") ? "capture" : "csv";
  if (!found.has(wanted)) {
    const message = `Cannot read ${name}: no file in it is a capture or the CSV standard`;
    throw new ExitError(exitCodes.noInput, message);
  }
  const others = files.filter((file) => kinds.get(file) !== wanted);
  if (others.length > 0) report(`${name}: left out, as no captures: ${others.join(", ")}`);
  return files.filter((file) => kinds.get(file) === wanted).map((file) => join(name, file));
}

/** Names of the files in a folder but those that pcc, pcd and pcprocess themselves put beside samples; null where it is none. */
function listFolder(name: string): string[] | null {
  try {
    if (statSync(name, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
    return readdirSync(name, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !isBeside(entry.name))
      .map((entry) => entry.name)
      .toSorted();
  } catch (error) {
    throw describeUnreadable(name, error);
  }
}

/** Locks, what the machine is, and what is not complete yet: while a capture is compressed, it lies there twice. */
function isBeside(file: string): boolean {
  return file === hostFactsFile || file.endsWith(".lock") || file.endsWith(".partial");
}

type FileKind = "capture" | "csv" | "other";

async function findKind(path: string): Promise<FileKind> {
  try {
    const format = statSync(path).size === 0 ? null : await recogniseFile(path);
    return format === null ? "other" : format === "csv" ? "csv" : "capture";
  } catch {
    return "capture";
  }
}
