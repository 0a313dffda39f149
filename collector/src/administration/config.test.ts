import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runProgram } from "../binaries.ts";
import { createFolder } from "../sampling/fake-procfs.ts";

function writeConfig(text: string): string {
  const path = join(createFolder(), "config.yaml");
  writeFileSync(path, text);
  return path;
}

test("pcctl config show tells of each setting where it comes from", async () => {
  const config = writeConfig("frequency: 5s\nmode: trickle # comment\n");
  const environment = { PCC_MODE: "local", PCC_API_KEY: "secret" };
  const args = ["config", "show", "--config", config];
  const { exitCode, stdout, stderr } = await runProgram("pcctl", args, { environment });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(new RegExp(`^frequency +5s +"frequency" in ${config}$`, "m"));
  expect(stdout).toMatch(/^mode +local +PCC_MODE$/m);
  expect(stdout).toMatch(/^format +capture +default$/m);
  expect(stdout).toMatch(/^portal +–$/m);
  expect(stdout).not.toContain("secret");
  const json = await runProgram("pcctl", [...args, "--json"], { environment });
  expect(JSON.parse(json.stdout)).toMatchObject({
    valid: true,
    settings: expect.arrayContaining([
      { name: "mode", value: "local", source: "variable", origin: "PCC_MODE", error: null },
      { name: "portal", value: null, source: null, origin: null, error: null },
    ]),
  });
});

test("pcctl config check says all that is wrong", async () => {
  const config = writeConfig("frequency: 90s\nmode: sometimes\n");
  const bad = await runProgram("pcctl", ["config", "check", "--config", config]);
  expect(bad).toMatchObject({ exitCode: 78, stdout: "" });
  expect(bad.stderr).toContain('"90s" is not whole seconds from 1s to 60s');
  expect(bad.stderr).toContain('"sometimes" is not one of local, trickle');
  const unknown = writeConfig("freqency: 5s\nmode: sometimes\nportl: x\ncollection: [a]\n");
  const refused = await runProgram("pcctl", ["config", "check", "--json", "--config", unknown]);
  expect(refused.exitCode).toBe(78);
  expect(JSON.parse(refused.stdout)).toMatchObject({
    valid: false,
    faults: [
      expect.stringContaining('"sometimes" is not one of'),
      expect.stringContaining('["a"] is not a text or a number'),
      expect.stringContaining('"freqency" in'),
      expect.stringContaining('"portl" in'),
    ],
  });
  const good = await runProgram("pcctl", [
    "config",
    "check",
    "--config",
    writeConfig("frequency: 5s\n"),
  ]);
  expect(good).toMatchObject({ exitCode: 0, stdout: "ok  1 setting given, none wrong\n" });
});

test.each([
  ["fast: 3s\nfrequency: 10s\n", ["Cannot sample every 3000 ms (fast)"]],
  ["mode: trickle\nportal: http://127.0.0.1:1\n", ["there is no key"]],
  ["mode: trickle\nprocesses: 5\n", ["Cannot record 5 processes", "its address is not set"]],
  ["collection: /nosuch/folder/x.json\n", ["there is no folder /nosuch/folder"]],
])("pcctl config check says what pcc ends with at once by %j", async (text, messages) => {
  const config = writeConfig(text);
  const checked = await runProgram("pcctl", ["config", "check", "--config", config]);
  expect(checked).toMatchObject({ exitCode: 78, stdout: "" });
  for (const message of messages) expect(checked.stderr).toContain(message);
  const pcc = await runProgram("pcc", ["--config", config, "1", "1"]);
  expect(pcc.exitCode).not.toBe(0);
  expect(pcc.stderr).toContain(messages[0]);
});

test.each([
  ["", ["there is nowhere to bring them"]],
  [
    "portal: http://127.0.0.1:1\nstore: /tmp\ntls_cert: /nosuch.pem\n",
    ["there is no key; set PCD_API_KEY", "it needs both tls_cert and tls_key"],
  ],
  ["store: /tmp\ntls_cert: /nosuch.pem\ntls_key: /nosuch.pem\n", ["ENOENT"]],
])("pcctl config check says what pcd ends with at once by %j", async (text, messages) => {
  const args = ["config", "check", "--program", "pcd", "--config", writeConfig(text), "--json"];
  const checked = await runProgram("pcctl", args);
  expect(checked.exitCode).toBe(78);
  for (const message of messages) expect(checked.stderr).toContain(message);
  expect(JSON.parse(checked.stdout)).toMatchObject({
    valid: false,
    faults: messages.map((message): unknown => expect.stringContaining(message)),
  });
});
