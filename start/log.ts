// What the processes print, kept for who looks for the cause of an error: the terminal shows only what concerns everybody.
import { closeSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface Log {
  path: string;
  write(source: string, line: string): void;
  close(): void;
}

/** A start goes on in the file of the one before, until that is too large and gives way. */
const maxBytes = 10 * 1024 * 1024;

export function openLog(folder: string): Log {
  const path = join(folder, "start.log");
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > maxBytes) {
    renameSync(path, `${path}.1`);
  }
  // The lines hold names of machines and people.
  const descriptor = openSync(path, "a", 0o600);
  return {
    path,
    write: (source, line) => {
      writeSync(descriptor, `${new Date().toISOString()} ${source}: ${line}\n`);
    },
    close: () => closeSync(descriptor),
  };
}
