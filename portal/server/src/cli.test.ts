// The command as people run it: processes of its own, a state directory of its own.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { deleteLocalServer, openLocalServer, type Login } from "./db/local-server.ts";

// Each starts a dozen processes.
vi.setConfig({ testTimeout: 90_000 });

const cli = join(import.meta.dirname, "cli.ts");
let folder: string;
let state: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "perfanalysis-cli-"));
  state = ["--state-dir", join(folder, "state")];
});

afterAll(async () => {
  await run(["reset", "--yes", ...state]);
  await rm(folder, { recursive: true });
});

test("serve says when it is ready, and other commands find its server", async () => {
  const { url, child } = await serve();
  expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: "healthy" });
  const created = await runOk(["tenant", "create", "Acme", "--json", ...state]);
  const tenant: unknown = JSON.parse(created.stdout);
  expect(tenant).toMatchObject({ name: "Acme", suspended_at: null });
  // The server was joined, not started.
  expect(created.stderr).toBe("");

  const keyFile = join(folder, "acme.key");
  const key = ["--tenant", "acme", "--scope", "ingest", "--scope", "admin", "--output", keyFile];
  const { stdout } = await runOk(["key", "create", "all", ...key, "--json", ...state]);
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
  const token = (await readFile(keyFile, "utf8")).trim();
  expect(token).toMatch(/^pa_admin_[0-9A-Za-z]{33}$/);
  expect(stdout).not.toContain(token);

  const mistyped = ["--tenant", "amce", "--scope", "read", "--output", keyFile];
  expect((await run(["key", "create", "all", ...mistyped, ...state])).code).toBe(66);
  expect((await readFile(keyFile, "utf8")).trim()).toBe(token);
  const inFolder = ["--tenant", "acme", "--scope", "read", "--output", folder];
  expect((await run(["key", "create", "all", ...inFolder, ...state])).code).toBe(64);
  expect((await runOk(["key", "list", "--tenant", "acme", ...state])).stdout).toMatch(
    /^\S+ {2}…\S{4} {2}ingest,admin {2}valid {2}all\n$/,
  );

  const smoke = await runOk(["smoke-test", url, "--key-file", keyFile]);
  expect(smoke.stdout.match(/^ok {2}/gm)).toHaveLength(5);

  const csv = await uploadSamples(url, token);
  const target = ["--tenant", "acme", "--machine-id", "web-01", ...state];
  expect((await runOk(["export", ...target])).stdout).toBe(csv);
  const output = join(folder, "web-01.csv");
  await runOk(["export", ...target, "--start-date", "2026-01-07T15:42:02Z", "--output", output]);
  expect((await readFile(output, "utf8")).split("\n")).toHaveLength(3);
  const missing = await run(["export", "--tenant", "acme", "--machine-id", "none", ...state]);
  expect(missing).toMatchObject({ code: 66, stdout: "" });
  expect(missing.stderr).toContain('"none"');

  const [, keyId = ""] = /"key_id": "(.*)"/.exec(stdout) ?? [];
  await runOk(["key", "revoke", keyId, "--tenant", "acme", ...state]);
  const refused = await run(["smoke-test", url, "--key-file", keyFile]);
  expect(refused.code).toBe(70);
  expect(refused.stderr).toContain("answers 401");

  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("enrol-token create prints a token once or writes it, and revoke ends it", async () => {
  await runOk(["tenant", "create", "racks", ...state]);
  const tenant = ["--tenant", "racks", ...state];
  const file = join(folder, "rack.token");
  await runOk(["enrol-token", "create", "rack 7", "--max-uses", "40", "--output", file, ...tenant]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, "utf8")).toMatch(/^pa_enrol_[0-9A-Za-z]{33}\n$/);
  const { stdout } = await runOk(["enrol-token", "create", "one", "--json", ...tenant]);
  expect(JSON.parse(stdout)).toMatchObject({
    name: "one",
    max_uses: 1,
    token: expect.stringMatching(/^pa_enrol_/),
  });
  const [, id = ""] = /"enrolment_id": "(.*)"/.exec(stdout) ?? [];
  await runOk(["enrol-token", "revoke", id, ...tenant]);
  expect((await run(["enrol-token", "revoke", "x", ...tenant])).code).toBe(66);
  expect((await runOk(["enrol-token", "list", ...tenant])).stdout).toMatch(
    /^\S+ {2}…\S{4} {2}0\/1 {2}revoked {2}one\n\S+ {2}…\S{4} {2}0\/40 {2}valid {2}rack 7\n$/,
  );
  const many = ["enrol-token", "create", "x", "--max-uses", "0", ...tenant];
  expect((await run(many)).code).toBe(64);
});

test("user create prints a password once, or takes it from standard input", async () => {
  await runOk(["tenant", "create", "people", ...state]);
  const create = (email: string, ...more: string[]) => [
    "user",
    "create",
    email,
    "--tenant",
    "people",
    ...more,
    ...state,
  ];
  const made = await runOk(create("ann@example.com", "--json"));
  expect(JSON.parse(made.stdout)).toMatchObject({
    email: "ann@example.com",
    role: "owner",
    password: expect.stringMatching(/^\S{20}$/),
  });
  const given = await runOk(
    create("bob@example.com", "--json", "--password-file", "-"),
    "correct horse battery\n",
  );
  expect(given.stdout).not.toContain("correct horse");
  const short = await run(create("eve@example.com", "--password-file", "-"), "short");
  expect(short.code).toBe(65);
  expect(short.stderr).toContain("12 to 128 characters");
  const again = await run(create("ann@example.com"));
  expect(again.code).toBe(65);
  expect(again.stderr).toContain('"ann@example.com" has an account already');
  const nameless = await run(create("eve@example.com", "--name", "x".repeat(129)));
  expect(nameless.code).toBe(65);
  expect(nameless.stderr).toContain("1 to 128 characters");
  const reset = await runOk(["user", "password", "ann@example.com", "--json", ...state]);
  expect(JSON.parse(reset.stdout)).toMatchObject({ password: expect.any(String) });
});

test("tenant suspend, resume and delete do what they say; delete asks first", async () => {
  await runOk(["tenant", "create", "Gone", ...state]);
  await runOk(["tenant", "suspend", "gone", ...state]);
  expect((await runOk(["tenant", "list", ...state])).stdout).toMatch(/Gone {2}\(suspended\)/);
  await runOk(["tenant", "resume", "gone", ...state]);
  const unasked = await run(["tenant", "delete", "gone", ...state]);
  expect(unasked.code).toBe(64);
  expect(unasked.stderr).toContain("add --yes");
  await runOk(["tenant", "delete", "gone", "--yes", ...state]);
  expect((await runOk(["tenant", "list", ...state])).stdout).not.toContain("Gone");
});

test("serve takes the next port where one is in use, unless it must not", async () => {
  const busy = createServer().listen(0, "127.0.0.1");
  await once(busy, "listening");
  onTestFinished(() => void busy.close());
  const address = busy.address();
  if (typeof address !== "object" || address === null) throw new Error("Cannot listen");
  const { url, lines, child } = await serve("--port", String(address.port));
  expect(lines.join("\n")).toMatch(new RegExp(`Port ${address.port} is in use`));
  expect(url).not.toContain(`:${address.port}`);
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([0, null]);
  const strict = await run(["serve", "--port", String(address.port), "--port-strict", ...state]);
  expect(strict.code).toBe(69);
  expect(strict.stderr).toMatch(/EADDRINUSE/);
});

test("migrate and tenant create work on a database that somebody else runs", async () => {
  const stateDirectory = await mkdtemp(join(tmpdir(), "perfanalysis-provider-"));
  onTestFinished(() => rm(stateDirectory, { recursive: true }));
  onTestFinished(() => deleteLocalServer(stateDirectory));
  const server = await openLocalServer({ stateDirectory, durable: false });
  onTestFinished(() => server.close());
  const { host = "", database = "" } = server.address;
  const urlOf = ({ user, password }: Login) =>
    `postgresql://${user}:${password}@/${database}?host=${encodeURIComponent(host)}`;
  const env = { DATABASE_URL: urlOf(server.control), PORTAL_SECRET: server.secret };
  const provisioning = { ...env, MIGRATOR_DATABASE_URL: urlOf(server.migrator) };
  expect((await runOk(["migrate"], "", provisioning)).stdout).toContain("Migrated");
  expect((await runOk(["migrate"], "", provisioning)).stdout).toContain("Up to date");
  const refused = await run(["tenant", "create", "acme"], "", env);
  expect(refused).toMatchObject({ code: 78, stdout: "" });
  expect(refused.stderr).toContain("set MIGRATOR_DATABASE_URL");
  await runOk(["tenant", "create", "acme"], "", provisioning);
  expect((await runOk(["tenant", "list"], "", env)).stdout).toContain("acme");
  const wrong = { ...env, DATABASE_URL: urlOf({ user: "pa_control", password: "hunter2" }) };
  const denied = await run(["tenant", "list"], "", wrong);
  expect(denied.code).not.toBe(0);
  expect(denied.stderr).not.toContain("hunter2");
});

test("exit codes and messages tell what was wrong", async () => {
  for (const [args, code, message] of [
    [["bogus"], 64, "unknown command 'bogus'"],
    [["tenant", "create"], 64, "missing required argument"],
    [["serve", "--port", "eighty", ...state], 78, '"eighty" as a port'],
    [["key", "create", "k", "--tenant", "nobody", "--scope", "read", ...state], 66, '"nobody"'],
    [["key", "create", "k", "--tenant", "nobody", "--scope", "root", ...state], 64, "ingest, read"],
    [["smoke-test", "http://127.0.0.1:1", "--key-file", "/nowhere"], 66, "/nowhere"],
  ] as const) {
    const result = await run(args);
    expect({ args, code: result.code }).toEqual({ args, code });
    expect(result.stderr).toContain(message);
  }
});

test("--help of every command tells what it does", async () => {
  for (const args of [[], ["serve"], ["tenant", "create"], ["key", "create"], ["export"]]) {
    const { stdout } = await runOk([...args, "--help"]);
    expect(stdout).toContain("Usage: perf-portal");
  }
});

interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

async function run(
  args: readonly string[],
  input = "",
  env: Record<string, string> = {},
): Promise<Result> {
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: "pipe",
    env: { ...process.env, ...env },
  });
  const result: Result = { code: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (result.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (result.stderr += text));
  // A command that reads nothing may have ended before.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  await once(child, "close");
  return { ...result, code: child.exitCode };
}

async function runOk(
  args: readonly string[],
  input = "",
  env: Record<string, string> = {},
): Promise<Result> {
  const result = await run(args, input, env);
  if (result.code === 0) return result;
  throw new Error(`perf-portal ${args.join(" ")} ended with ${result.code}: ${result.stderr}`);
}

async function uploadSamples(url: string, key: string): Promise<string> {
  const csv = [
    "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free",
    "1767800521,web-01,1.5,2,96.5,1000,500",
    "1767800522,web-01,2.5,2,95.5,1000,400",
    "",
  ].join("\n");
  const body = new FormData();
  body.set("machine_id", "web-01");
  body.set("file", new Blob([csv], { type: "text/csv" }), "web-01.csv");
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(`${url}/api/v1/performance/upload`, {
    method: "POST",
    body,
    headers,
  });
  if (!response.ok) throw new Error(`Cannot upload: ${await response.text()}`);
  return csv;
}

async function serve(
  ...args: string[]
): Promise<{ url: string; lines: string[]; child: ChildProcess }> {
  const port = args.length === 0 ? ["--port", "0"] : args;
  const child = spawn(process.execPath, [cli, "serve", ...port, ...state], { stdio: "pipe" });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  const lines: string[] = [];
  const ready = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      const url = /^Ready on (\S+)$/.exec(line)?.[1];
      if (url !== undefined) ready.resolve(url);
    });
  child.once("exit", () => ready.reject(new Error(`serve ended: ${lines.join("\n")}`)));
  return { url: await ready.promise, lines, child };
}
