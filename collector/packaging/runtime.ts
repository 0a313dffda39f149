// Brings Bun, pinned by a lock file of its own: 40 MB a target that nobody needs who does not package.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Target } from "./targets.ts";

const pins = join(import.meta.dirname, "bun");
const cache = join(import.meta.dirname, "../../.cache/bun");

/** Answers Bun's executable for the target; downloads it where it is not here yet, or is not what the lock file says. */
export function installRuntime({ name, cpu, libc, runtime }: Target): string {
  const folder = join(cache, name);
  mkdirSync(folder, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) {
    copyFileSync(join(pins, file), join(folder, file));
  }
  const path = findRuntime({ name, runtime });
  const installed = join(folder, "node_modules/.package-lock.json");
  if (path === null || !existsSync(installed)) {
    const args = ["ci", "--os=linux", `--cpu=${cpu}`, `--libc=${libc}`, "--no-audit", "--no-fund"];
    execFileSync("npm", args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  }
  const found = findRuntime({ name, runtime });
  if (found === null) throw new Error(`Cannot package ${name}: npm did not bring ${runtime}`);
  return found;
}

/** Where the target's Bun is; null where it was never installed. */
export function findRuntime({ name, runtime }: Pick<Target, "name" | "runtime">): string | null {
  const path = join(cache, name, "node_modules", runtime, "bin/bun");
  return existsSync(path) ? path : null;
}
