import { spawnSync } from "node:child_process";
import { mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runProgram } from "./binaries.ts";
import { makeFolder } from "./make-folder.ts";
import { createFolder } from "./sampling/fake-procfs.ts";

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

test.each([
  ["pcctl", ["upload", "--portal", "http://127.0.0.1:1", "--receipts", "/proc/nosuch", "x.csv"]],
  ["pcc", ["--mode", "trickle", "--portal", "http://127.0.0.1:1", "--spool", "/proc/nosuch"]],
  ["pcc", ["--control", "/proc/nosuch/pcc.sock", "1", "1"]],
  ["pcd", ["--store", "/proc/nosuch", "--state", "/proc/nosuch"]],
  ["pcd", ["key", "create", "web", "--upstream", "store", "--keys", "/proc/nosuch/keys.json"]],
  ["pcprocess", ["--input", "/dev/null", "--output", "/proc/nosuch/x.csv"]],
] as const)("%s %j ends and says that there is no such folder", async (program, args) => {
  const environment = { PCC_API_KEY: "pa_x" };
  const { exitCode, stderr } = await runProgram(program, args, { environment });
  expect(stderr).toMatch(/(?:ENOENT|there is no folder).*\/proc\/nosuch/);
  // What nobody can ask keeps no pcc from sampling.
  expect(exitCode).toBe(args[0] === "--control" ? 0 : 66);
});
