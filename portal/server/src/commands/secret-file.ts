// Secrets that are shown once, written to files that only their owner can read.
import { open, rename, rm, stat, writeFile } from "node:fs/promises";
import { CommandError, exitCodes } from "./options.ts";

/**
 * Makes a secret and writes it to the file. The file is made before the secret, as nobody could ever see a secret for which
 * there is none; under another name, so that a secret that is in it already is only lost to a new one.
 */
export async function writeSecret<T extends { token: string }>(
  path: string,
  make: () => Promise<T>,
): Promise<T> {
  const known = await stat(path).catch(() => null);
  if (known?.isDirectory())
    throw new CommandError(exitCodes.usage, `Cannot write the key to "${path}": it is a folder`);
  const unfinished = `${path}.part`;
  await createPrivateFile(unfinished);
  try {
    const made = await make();
    await writeFile(unfinished, `${made.token}\n`);
    await rename(unfinished, path);
    return made;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** An empty file that only we can read, also where there was one that others could. */
async function createPrivateFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await (await open(path, "wx", 0o600)).close();
}
