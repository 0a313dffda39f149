import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runProgram } from "../binaries.ts";
import { createFolder } from "../sampling/fake-procfs.ts";

test("pcctl keys makes, lists and revokes keys of the pcd on this machine", async () => {
  const folder = createFolder();
  const environment = {
    PCD_KEYS: join(folder, "keys.json"),
    PCD_STORE: join(folder, "store"),
  };
  const keys = (...args: string[]): ReturnType<typeof runProgram> =>
    runProgram("pcctl", ["keys", ...args], { environment });
  const printed = await keys("create", "fleet");
  expect(printed).toMatchObject({ exitCode: 0, stderr: "" });
  expect(printed.stdout).toMatch(/^pa_ingest_[0-9A-Za-z]{33}\n$/);
  const file = join(folder, "web-01.key");
  const written = await keys(
    "create",
    "web-01",
    "--machine-id",
    "web-01",
    "--output",
    file,
    "--json",
  );
  const token = readFileSync(file, "utf8").trim();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(written.stdout).not.toContain(token);
  expect(JSON.parse(written.stdout)).toMatchObject({ name: "web-01", machine_id: "web-01" });
  // Neither a file nor a name is used twice.
  expect((await keys("create", "web-02", "--output", file)).exitCode).toBe(64);
  expect((await keys("create", "web-01")).exitCode).toBe(64);

  expect((await keys("revoke", "fleet")).stdout).toBe("revoked fleet\n");
  const { stdout } = await keys("list");
  expect(stdout).toMatch(/^NAME +KEY +FOR +MACHINE +STATE +CREATED/);
  expect(stdout).toMatch(/^fleet +…\w{4} +store +any +revoked /m);
  expect(stdout).toMatch(/^web-01 +…\w{4} +store +web-01 +valid /m);
  expect((await keys("revoke", "nobody")).exitCode).toBe(66);
});

test.each([
  [["keys"], "Give list, create or revoke"],
  [["keys", "make", "x"], '"make"'],
  [["keys", "create"], "Give the key's name"],
  [["keys", "create", "x", "--machine-id", "a b"], '"a b"'],
  [["keys", "create", "x", "--scope", "read"], "--scope without --portal"],
  [["keys", "list", "--portal", "http://127.0.0.1:1"], "--admin-key-file"],
])("pcctl %j is wrong usage", async (args, message) => {
  const { exitCode, stderr } = await runProgram("pcctl", args);
  expect(exitCode).toBe(64);
  expect(stderr).toContain(message);
});
