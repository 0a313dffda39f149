import { expect, test } from "vitest";
import { runProgram } from "./binaries.ts";

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
