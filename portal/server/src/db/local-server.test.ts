import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { readSettings } from "../config.ts";
import { connectClient } from "./database.ts";
import {
  deleteLocalServer,
  openLocalServer,
  type DatabaseAccess,
  type LocalServer,
} from "./local-server.ts";
import { findPostgres, prepareSoftware, program } from "./locate.ts";
import { chooseServerUser, runAs } from "./server-user.ts";

// Each makes at least one server's data.
vi.setConfig({ testTimeout: 90_000 });

const isRoot = process.getuid?.() === 0;
const kind = readSettings().postgres;

test("openLocalServer() makes a server that only its passwords open, and keeps its data", async () => {
  const stateDirectory = await newStateDirectory();
  const first = await open(stateDirectory);
  await runSql(first, "CREATE TABLE kept AS SELECT 42 AS answer");
  await first.close();
  const again = await open(stateDirectory);
  expect(await runSql(again, "SELECT answer FROM kept")).toEqual([{ answer: 42 }]);
  const wrong = { ...again, migrator: { user: "pa_migrator", password: "wrong" } };
  await expect(runSql(wrong, "SELECT 1")).rejects.toThrow("password authentication failed");
  await expect(
    runSql({ ...again, migrator: { user: "postgres", password: "" } }, "SELECT 1"),
  ).rejects.toThrow(/password/);
  expect(
    await runSql(
      again,
      "SELECT current_setting('server_encoding') AS encoding, current_setting('listen_addresses') AS addresses",
    ),
  ).toEqual([{ encoding: "UTF8", addresses: "" }]);
});

test("openLocalServer() ends where the state directory cannot be made, as below /proc", async () => {
  await expect(open("/proc/nosuch/state")).rejects.toThrow(
    /^Cannot use the state directory \/proc\/nosuch\/state: ENOENT/,
  );
});

test("the state directory's secrets and the data are nobody else's", async () => {
  const stateDirectory = await newStateDirectory();
  await open(stateDirectory);
  const { home, run } = await readState(stateDirectory);
  const modes = [
    [join(stateDirectory, "secrets.json"), 0o600],
    [join(stateDirectory, "server.json"), 0o600],
    // Root's folder holds another user's data, who has to get through.
    [home, isRoot ? 0o711 : 0o700],
    [join(home, "data"), 0o700],
    [run, 0o700],
  ] as const;
  for (const [path, mode] of modes)
    expect({ path, mode: (await stat(path)).mode & 0o777 }).toEqual({ path, mode });
  expect(await readdir(home)).not.toContain("password");
});

test("openLocalServer() joins the server that another holds; it stops with the last of them", async () => {
  const stateDirectory = await newStateDirectory();
  const [first, second] = await Promise.all([open(stateDirectory), open(stateDirectory)]);
  const pid = await readPid(stateDirectory);
  await first.close();
  expect(await runSql(second, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await second.close();
  expect(await isAlive(pid)).toBe(false);
});

test("the server stops when the process that holds it is killed", async () => {
  const stateDirectory = await newStateDirectory();
  const child = await holdInProcess(stateDirectory);
  const pid = await readPid(stateDirectory);
  expect(await isAlive(pid)).toBe(true);
  child.kill("SIGKILL");
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  const again = await open(stateDirectory);
  expect(await runSql(again, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("openLocalServer() takes over from a holder that was killed together with the server's guard", async () => {
  const stateDirectory = await newStateDirectory();
  const child = await holdInProcess(stateDirectory);
  const pid = await readPid(stateDirectory);
  const guard = await parentOf(pid);
  process.kill(guard, "SIGKILL");
  child.kill("SIGKILL");
  await once(child, "exit");
  await expect.poll(() => isAlive(guard)).toBe(false);
  expect(await isAlive(pid)).toBe(true);
  const again = await open(stateDirectory);
  expect(await runSql(again, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  expect(await isAlive(pid)).toBe(false);
  const newPid = await readPid(stateDirectory);
  await again.close();
  expect(await isAlive(newPid)).toBe(false);
});

test("close() stops a server whose guard was killed, and only where nobody else holds it", async () => {
  const stateDirectory = await newStateDirectory();
  const [first, second] = [await open(stateDirectory), await open(stateDirectory)];
  const pid = await readPid(stateDirectory);
  const guard = await parentOf(pid);
  process.kill(guard, "SIGKILL");
  await expect.poll(() => isAlive(guard)).toBe(false);
  await first.close();
  expect(await runSql(second, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await second.close();
  expect(await isAlive(pid)).toBe(false);
});

test("openLocalServer() starts anew when the server itself was killed", async () => {
  const stateDirectory = await newStateDirectory();
  const first = await open(stateDirectory);
  process.kill(await readPid(stateDirectory), "SIGKILL");
  const second = await open(stateDirectory);
  expect(await runSql(second, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await first.close();
  expect(await runSql(second, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("openLocalServer() starts when a leftover file names another program's process", async () => {
  const stateDirectory = await newStateDirectory();
  await (await open(stateDirectory)).close();
  const { home } = await readState(stateDirectory);
  await writeFile(join(home, "data/postmaster.pid"), `${process.pid}\n${home}/data\n1\n5432\n`);
  const again = await open(stateDirectory);
  expect(await runSql(again, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("openLocalServer() says so when the data was made by a version that is not here", async () => {
  const stateDirectory = await newStateDirectory();
  await (await open(stateDirectory)).close();
  const path = join(stateDirectory, "server.json");
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace(/"major":\d+/, '"major":11'));
  await expect(open(stateDirectory)).rejects.toThrow(/was made by version 11/);
  await writeFile(path, text);
});

test("openLocalServer() says so when its files are not what it wrote", async () => {
  const stateDirectory = await newStateDirectory();
  await writeFile(join(stateDirectory, "secrets.json"), '{"superuser": 1}');
  await expect(open(stateDirectory)).rejects.toThrow(/Cannot read .*secrets.json/);
});

test("openLocalServer() works below a folder that nobody else may enter, with umask 077", async () => {
  const parent = await newStateDirectory();
  await chmod(parent, 0o700);
  const stateDirectory = join(parent, "state");
  onTestFinished(() => deleteLocalServer(stateDirectory));
  const child = await holdInProcess(stateDirectory, { umask: "077" });
  const joined = await open(stateDirectory);
  expect(await runSql(joined, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  const { home } = await readState(stateDirectory);
  // Root's PostgreSQL runs as another user, who cannot get there.
  expect(home.startsWith(stateDirectory)).toBe(!isRoot);
  child.kill();
});

test("openLocalServer() puts the socket elsewhere when the state directory's path is long", async () => {
  const stateDirectory = join(await newStateDirectory(), "x".repeat(100));
  onTestFinished(() => deleteLocalServer(stateDirectory));
  const server = await open(stateDirectory);
  expect(await runSql(server, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("openLocalServer() clears up what a deleted state directory has left elsewhere", async ({
  skip,
}) => {
  if (!isRoot) skip("as an ordinary user everything lies in the state directory");
  const parent = await newStateDirectory();
  await chmod(parent, 0o700);
  const stateDirectory = join(parent, "state");
  await (await open(stateDirectory)).close();
  const { home } = await readState(stateDirectory);
  await rm(stateDirectory, { recursive: true });
  expect((await lstat(home)).isDirectory()).toBe(true);
  onTestFinished(() => deleteLocalServer(stateDirectory));
  const again = await open(stateDirectory);
  expect((await readState(stateDirectory)).home).toBe(home);
  expect(await runSql(again, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("openLocalServer() works for an ordinary user, too", async ({ skip }) => {
  if (!isRoot) skip("all other tests do that already");
  const stateDirectory = await newStateDirectory();
  const ids = { uid: 65_534, gid: 65_534 };
  await chmod(stateDirectory, 0o777);
  const below = join(stateDirectory, "state");
  onTestFinished(() => deleteLocalServer(below));
  const child = await holdInProcess(below, { ids });
  expect((await stat(join((await readState(below)).home, "data"))).uid).toBe(ids.uid);
  child.kill();
});

test("openLocalServer() says so when the user has no line in /etc/passwd", async ({ skip }) => {
  if (!isRoot) skip("only root can become such a user");
  const stateDirectory = await newStateDirectory();
  await chmod(stateDirectory, 0o777);
  const ids = { uid: 54_321, gid: 54_321 };
  await expect(holdInProcess(join(stateDirectory, "state"), { ids })).rejects.toThrow(
    "user id 54321, which has no line in /etc/passwd",
  );
});

test("prepareSoftware() makes the library links that --ignore-scripts leaves out", async ({
  skip,
}) => {
  const copy = await copyEmbedded();
  if (copy === null) return skip("there is no embedded PostgreSQL for this platform");
  const user = await chooseServerUser(copy.root);
  expect((await runAs(user, program(copy, "postgres"), ["--version"])).status).not.toBe(0);
  const prepared = await prepareSoftware(copy, { user, directory: join(copy.root, "elsewhere") });
  expect(prepared.root).toBe(copy.root);
});

test("prepareSoftware() makes a copy when the server's user cannot reach the software", async ({
  skip,
}) => {
  if (!isRoot) skip("an ordinary user runs its own software");
  const copy = await copyEmbedded();
  if (copy === null) return skip("there is no embedded PostgreSQL for this platform");
  await chmod(join(copy.root, ".."), 0o700);
  const directory = await newStateDirectory();
  await chmod(directory, 0o711);
  const user = await chooseServerUser(directory);
  const prepared = await prepareSoftware(copy, { user, directory });
  expect(prepared.root.startsWith(directory)).toBe(true);
  expect((await runAs(user, program(prepared, "initdb"), ["--version"])).status).toBe(0);
});

/** The embedded software as npm unpacks it without running install scripts, in a folder of its own. */
async function copyEmbedded() {
  const embedded = (await findPostgres()).find((software) => software.kind === "embedded");
  if (embedded === undefined) return null;
  const parent = await newStateDirectory();
  await chmod(parent, 0o755);
  const root = join(parent, "native");
  await mkdir(root);
  await cp(embedded.root, root, {
    recursive: true,
    filter: async (path) => !(await lstat(path)).isSymbolicLink(),
  });
  return { ...embedded, root };
}

async function newStateDirectory(): Promise<string> {
  const stateDirectory = await mkdtemp(join(tmpdir(), "perfanalysis-state-"));
  onTestFinished(async () => {
    await deleteLocalServer(stateDirectory).catch(() => undefined);
    await rm(stateDirectory, { recursive: true });
  });
  return stateDirectory;
}

async function open(stateDirectory: string): Promise<LocalServer> {
  const server = await openLocalServer({ stateDirectory, kind, durable: false });
  onTestFinished(() => server.close());
  return server;
}

/** A process of its own that holds the server until it is killed. */
async function holdInProcess(
  stateDirectory: string,
  { umask = "022", ids }: { umask?: string; ids?: { uid: number; gid: number } } = {},
): Promise<ChildProcess> {
  const script = `
    import { openLocalServer } from ${JSON.stringify(join(import.meta.dirname, "local-server.ts"))};
    const server = await openLocalServer({ stateDirectory: process.argv[1], kind: process.argv[2] || undefined, durable: false });
    console.log("holding");
    process.once("SIGTERM", () => server.close().then(() => process.exit()));
    setInterval(() => {}, 1000);`;
  const node = [process.execPath, "--input-type=module", "-e", script, stateDirectory, kind ?? ""];
  const child = spawn("/bin/sh", ["-c", `umask ${umask}; exec "$@"`, "sh", ...node], {
    ...ids,
    cwd: "/",
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill();
    await once(child, "exit");
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const ended = once(child, "exit").then(() => {
    throw new Error(errors);
  });
  await Promise.race([once(child.stdout, "data"), ended]);
  ended.catch(() => undefined);
  return child;
}

async function runSql(
  { address, migrator }: Pick<DatabaseAccess, "address" | "migrator">,
  statement: string,
): Promise<unknown[]> {
  const client = await connectClient({ ...address, ...migrator });
  try {
    await client.query("CREATE SCHEMA IF NOT EXISTS test; SET search_path = test");
    return (await client.query<object>(statement)).rows;
  } finally {
    await client.end();
  }
}

async function readState(stateDirectory: string): Promise<{ home: string; run: string }> {
  const text = await readFile(join(stateDirectory, "server.json"), "utf8");
  // Written by the code under test.
  return JSON.parse(text) as { home: string; run: string };
}

async function readPid(stateDirectory: string): Promise<number> {
  const { home } = await readState(stateDirectory);
  return Number((await readFile(join(home, "data/postmaster.pid"), "utf8")).split("\n")[0]);
}

async function parentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8");
  return Number(/\) \S (\d+)/.exec(status)?.[1]);
}

/** A process that has ended, but for which nobody has waited yet, is not alive. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return /\) [^ZX]/.test(status);
}
