import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ExitError, exitCodes } from "../exit.ts";
import { describeUnreadable, recogniseFile } from "./read.ts";

/**
 * The file itself, or the captures in it where it is a folder; the time is in them, so that their order is any. A file that cannot be
 * read may be one: whoever reads it says what is wrong.
 * @throws ExitError where a folder cannot be read or holds no capture.
 */
export async function listInputs(
  name: string,
  report: (message: string) => void,
): Promise<string[]> {
  const files = listFolder(name);
  if (files === null) return [name];
  const found: string[] = [];
  const others: string[] = [];
  for (const file of files) {
    const path = join(name, file);
    if (await mayBeCapture(path)) found.push(path);
    else others.push(file);
  }
  if (found.length === 0) {
    throw new ExitError(exitCodes.noInput, `Cannot read ${name}: no file in it is a capture`);
  }
  if (others.length > 0) report(`${name}: left out, as no captures: ${others.join(", ")}`);
  return found;
}

/** Names of the files in a folder; null where it is none. */
function listFolder(name: string): string[] | null {
  try {
    if (statSync(name, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
    return readdirSync(name, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .toSorted();
  } catch (error) {
    throw describeUnreadable(name, error);
  }
}

async function mayBeCapture(path: string): Promise<boolean> {
  try {
    return statSync(path).size > 0 && (await recogniseFile(path)) !== null;
  } catch {
    return true;
  }
}
