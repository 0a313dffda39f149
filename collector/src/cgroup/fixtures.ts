import { readFileSync } from "node:fs";

/** Text of a cgroup's file: `readCgroupFixture("limited/cpu.stat")`. */
export function readCgroupFixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
}

/** Folders with the files of a cgroup each. */
export const cgroups = ["limited", "unlimited", "linux-4.18"];
