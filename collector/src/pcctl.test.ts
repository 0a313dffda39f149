// The real program as a process of its own.
import { expect, test } from "vitest";
import { runProgram } from "./binaries.ts";

test("pcctl names its commands, and each has help with examples", async () => {
  const { exitCode, stdout } = await runProgram("pcctl", ["--help"]);
  expect(exitCode).toBe(0);
  const [, list = ""] = /Commands:\n([^]*?)\n\n/.exec(stdout) ?? [];
  const names = [...list.matchAll(/^ {2}(\S+) {2,}/gm)].map(([, name]) => name ?? "");
  expect(names).toEqual(expect.arrayContaining(["status", "doctor", "config"]));
  for (const name of names) {
    const help = await runProgram("pcctl", [name, "--help"]);
    expect(help).toMatchObject({ exitCode: 0, stderr: "" });
    expect(help.stdout).toMatch(new RegExp(`^pcctl ${name} – `));
    expect(help.stdout).toContain("Examples:\n");
    expect(await runProgram("pcctl", ["help", name])).toEqual(help);
  }
}, 60_000);

test.each([
  [[], "no command is given"],
  [["bogus"], 'no command "bogus"'],
  [["help", "bogus"], 'no command "bogus"'],
  [["status", "--bogus"], "--bogus"],
  [["status", "more"], '"more"'],
  [["config"], "show or check"],
  [["config", "edit"], '"edit"'],
])("pcctl %j is wrong usage", async (args, message) => {
  const { exitCode, stderr } = await runProgram("pcctl", args);
  expect(exitCode).toBe(64);
  expect(stderr).toMatch(/^pcctl: /);
  expect(stderr).toContain(message);
});
