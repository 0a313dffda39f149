import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

function run(args: readonly string[], calledAs = "perfcollector"): SpawnSyncReturns<string> {
  const program = join(import.meta.dirname, "perfcollector.ts");
  return spawnSync(process.execPath, [program, ...args], {
    argv0: calledAs,
    encoding: "utf8",
    env: {},
  });
}

test.each(["pcc", "pcctl", "pcprocess"])("perfcollector is %s when it is called so", (name) => {
  expect(run(["--version"], `/usr/bin/${name}`)).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(new RegExp(`^${name} \\d`)),
  });
});

test.each(["pcc", "pcctl", "pcprocess"])(
  "perfcollector is %s when its first argument says so",
  (name) => {
    expect(run([name, "--version"])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(new RegExp(`^${name} \\d`)),
    });
  },
);

test("perfcollector ends with the exit code of the program that it is", () => {
  expect(run(["pcc", "--frequency", "never"])).toMatchObject({ status: 64 });
});

test("perfcollector names its programs, and says what it does not know", () => {
  expect(run(["--help"])).toMatchObject({ status: 0, stdout: expect.stringContaining("pcc") });
  expect(run(["--version"]).stdout).toMatch(/^perfcollector \d/);
  expect(run([])).toMatchObject({ status: 64, stderr: expect.stringContaining("no program") });
  expect(run(["pcx"])).toMatchObject({ status: 64, stderr: expect.stringContaining('"pcx"') });
});
