import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createFolder } from "../sampling/fake-procfs.ts";

export interface FakeCgroups {
  /** Where the tree is mounted. */
  path: string;
  /** Makes a cgroup, and those above it; with the files of a fixture where one is named. */
  add(cgroup: string, fixture?: string): void;
  /** Replaces a file's text, in the file that readers have open. */
  write(file: string, text: string): void;
  remove(path: string): void;
}

/** A tree like that of cgroups v2. */
export function createFakeCgroups(): FakeCgroups {
  const path = join(createFolder(), "cgroup");
  mkdirSync(path);
  writeFileSync(join(path, "cgroup.controllers"), "cpuset cpu io memory hugetlb pids rdma\n");
  return {
    path,
    add(cgroup, fixture) {
      mkdirSync(join(path, cgroup), { recursive: true });
      if (fixture === undefined) return;
      cpSync(new URL(`fixtures/${fixture}`, import.meta.url), join(path, cgroup), {
        recursive: true,
      });
    },
    write: (file, text) => writeFileSync(join(path, file), text),
    remove: (file) => rmSync(join(path, file), { recursive: true }),
  };
}
