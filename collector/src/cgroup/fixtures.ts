import { readFileSync } from "node:fs";

/** Text of a cgroup's file: `readCgroupFixture("limited/cpu.stat")`. README.md beside the files tells where each is from. */
export function readCgroupFixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
}

/** Folders with the files of a cgroup each. */
export const cgroups = ["limited", "unlimited", "machine-slice-5.x", "written-linux-4.18"];
