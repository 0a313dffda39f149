import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder } from "./make-folder.ts";

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "make-folder-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("makeFolder() makes what is missing above, with the mode, and leaves what is there", () => {
  const folder = createFolder();
  makeFolder(join(folder, "a/b/c/"), { mode: 0o700 });
  for (const made of ["a", "a/b", "a/b/c"]) {
    expect(statSync(join(folder, made)).mode & 0o777).toBe(0o700);
  }
  makeFolder(join(folder, "a/b"), { mode: 0o755 });
  expect(statSync(join(folder, "a/b")).mode & 0o777).toBe(0o700);
  makeFolder("/");
  makeFolder(".");
  mkdirSync(join(folder, "elsewhere"));
  symlinkSync("elsewhere", join(folder, "link"));
  makeFolder(join(folder, "link/below"));
  expect(statSync(join(folder, "elsewhere/below")).isDirectory()).toBe(true);
});

test("makeFolder() says what stands in the way", () => {
  const folder = createFolder();
  writeFileSync(join(folder, "file"), "");
  symlinkSync("nowhere", join(folder, "dangling"));
  expect(() => makeFolder(join(folder, "file"))).toThrow("EEXIST");
  expect(() => makeFolder(join(folder, "file/below"))).toThrow("ENOTDIR");
  expect(() => makeFolder(join(folder, "dangling"))).toThrow("EEXIST");
  expect(() => makeFolder("")).toThrow("ENOENT");
});

test("makeFolder() ends below /proc", () => {
  // In a process of its own: one that goes round for ever can only be ended from outside.
  const module = JSON.stringify(join(import.meta.dirname, "make-folder.ts"));
  const script = `import { makeFolder } from ${module}; makeFolder("/proc/nosuch/folder");`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    timeout: 10_000,
    killSignal: "SIGKILL",
  });
  expect(stderr).toContain("ENOENT");
  expect(status).toBe(1);
});
