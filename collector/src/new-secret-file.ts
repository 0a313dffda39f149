import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { ExitError, exitCodes } from "./exit.ts";

export interface NewSecretFile {
  /** Also closes it. */
  write(secret: string): void;
  /** Takes it away again, where nothing was written. */
  discard(): void;
}

/**
 * A new file that only its owner reads, made before the secret is: a key that is made and can be written nowhere is one that nobody has.
 * @throws ExitError where there is such a file, and the system's errors.
 */
export function openNewSecretFile(path: string): NewSecretFile {
  let descriptor: number | null = open(path);
  return {
    write(secret) {
      if (descriptor === null) return;
      writeSync(descriptor, `${secret}\n`);
      closeSync(descriptor);
      descriptor = null;
    },
    discard() {
      if (descriptor === null) return;
      closeSync(descriptor);
      descriptor = null;
      rmSync(path, { force: true });
    },
  };
}

function open(path: string): number {
  try {
    return openSync(path, "wx", 0o600);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw cause;
    throw new ExitError(exitCodes.usage, `Cannot write ${path}: it is there already`, { cause });
  }
}
