import { cpSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder of the test's own, removed when it ends. */
export function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "collector-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface FakeProcfs {
  path: string;
  /** Replaces a file's text, in the file that readers have open. */
  write(name: string, text: string): void;
  remove(name: string): void;
}

/** A tree like /proc with the files that were captured from a machine. */
export function createFakeProcfs(): FakeProcfs {
  const path = join(createFolder(), "proc");
  const captured = new URL("../procfs/fixtures/linux-6.18/", import.meta.url);
  cpSync(captured, path, { recursive: true });
  mkdirSync(join(path, "net"));
  for (const name of ["dev", "snmp", "netstat", "sockstat"]) {
    cpSync(new URL(`net-${name}`, captured), join(path, "net", name));
  }
  mkdirSync(join(path, "self"));
  writeFileSync(join(path, "self/mounts"), "/dev/vda / ext4 rw,relatime 0 0\n");
  return {
    path,
    write: (name, text) => {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), text);
    },
    remove: (name) => rmSync(join(path, name)),
  };
}
