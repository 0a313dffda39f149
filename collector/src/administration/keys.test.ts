import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
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

test("pcctl keys creates no second key of a name in a portal, unless the first is revoked", async () => {
  const key = { key_id: "k-1", name: "fleet", hint: "abcd", scopes: ["ingest"], revoked_at: null };
  const other = { ...key, key_id: "k-2", name: "old", revoked_at: "2026-01-08T00:00:00Z" };
  const created: string[] = [];
  const server = createServer((request, response) => {
    const isNew = request.method === "POST";
    if (isNew) created.push(request.url ?? "");
    request.resume();
    response.writeHead(isNew ? 201 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(isNew ? { ...key, key: "pa_ingest_x" } : { keys: [key, other] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // A listening TCP server has such an address.
  const portal = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const admin = join(createFolder(), "admin.key");
  writeFileSync(admin, "pa_admin_x\n");
  const access = ["--portal", portal, "--admin-key-file", admin];
  const taken = await runProgram("pcctl", ["keys", "create", "fleet", ...access]);
  expect(taken).toMatchObject({ exitCode: 64, stdout: "" });
  expect(taken.stderr).toContain('"fleet": there is one of this name (id k-1)');
  expect(created).toEqual([]);
  const free = await runProgram("pcctl", ["keys", "create", "old", ...access]);
  expect(free).toMatchObject({ exitCode: 0, stdout: "pa_ingest_x\n" });
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
