import { randomBytes } from "node:crypto";
import { open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { hostFactsFile } from "@perfanalysis/contract/host-facts";

/** There is no input where one was looked for. */
export class NoInputError extends Error {}

/**
 * The CSV of a folder: that of the machine, `<machine>.csv` or `.csv.gz`, or the only one there is; the folder itself where it
 * holds none, but other files. Throws a NoInputError that lists what is there.
 */
export async function findDataFile(folder: string, machineId: string | undefined): Promise<string> {
  const files = (await readdir(folder)).filter((name) => /\.csv(\.gz)?$/.test(name)).toSorted();
  const own = files.find(
    (name) => machineId !== undefined && name.replace(/\.csv(\.gz)?$/, "") === machineId,
  );
  const [only, ...others] = files;
  const chosen = own ?? (others.length === 0 ? only : undefined);
  if (chosen !== undefined) return join(folder, chosen);
  // It may be one of captures: whoever reads it knows them by their content.
  if (files.length === 0 && (await readdir(folder)).length > 0) return folder;
  const list = files.length === 0 ? "no .csv or .csv.gz file" : files.join(", ");
  throw new NoInputError(
    `Cannot choose a file in ${folder}: name one with --data-file, or take --all; there is ${list}`,
  );
}

/** Whether a file of a folder, by its name, may be input: hidden ones, what a machine is, and reports, which often lie beside their captures, are none. */
export function isInputName(name: string): boolean {
  return !name.startsWith(".") && name !== hostFactsFile && !/\.(html?|pdf)$/i.test(name);
}

/**
 * Paths of all files of a folder that may be input, and of its folders that hold such, such as those of pcd's store, by name. A folder's
 * ends in "/". Throws a NoInputError where there is none.
 */
export async function listInputs(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const candidates = entries.filter(({ name }) => isInputName(name));
  const names = await Promise.all(
    candidates.map(async (entry) => {
      if (entry.isFile()) return entry.name;
      const isFolder = entry.isDirectory() && (await holdsInput(join(folder, entry.name)));
      return isFolder ? `${entry.name}/` : [];
    }),
  );
  const found = names.flat().toSorted();
  if (found.length > 0) return found.map((name) => join(folder, name));
  throw new NoInputError(
    `Cannot find anything to report on in ${folder}: neither it nor a folder in it holds a file that could be input`,
  );
}

/** True also where nobody may look: whoever reads it will say so. */
async function holdsInput(folder: string): Promise<boolean> {
  return readdir(folder, { withFileTypes: true }).then(
    (entries) => entries.some((entry) => entry.isFile() && isInputName(entry.name)),
    () => true,
  );
}

const reasons = new Map([
  ["ENOENT", "there is no such file or folder"],
  ["EACCES", "this user may not"],
  ["EPERM", "this user may not"],
  ["EISDIR", "it is a folder"],
  ["ENOTDIR", "a part of its path is no folder"],
  ["EROFS", "its file system is read-only"],
  ["ENOSPC", "no space is left"],
  ["EDQUOT", "this user has no space left"],
  ["ENAMETOOLONG", "its name is too long"],
]);

/** Why the system did not do what it was asked for, behind what that was; of other errors what they say. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return ("code" in error ? reasons.get(String(error.code)) : undefined) ?? error.message;
}

/**
 * Writes beside the place and renames into it: a reader sees the old file or the new one, whole. A pipe or a device is
 * written to as it is. `mode` is that of the new file, less what the process's umask takes away.
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  mode = 0o644,
): Promise<void> {
  if (await isSpecial(path)) {
    await writeFile(path, content);
    return;
  }
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    const file = await open(draft, "wx", mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function isSpecial(path: string): Promise<boolean> {
  try {
    const there = await stat(path);
    return !there.isFile() && !there.isDirectory();
  } catch {
    // Nothing is there, or whoever writes it will say what is wrong.
    return false;
  }
}
