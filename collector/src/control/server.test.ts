import { chmodSync, existsSync, linkSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { askStatus, followSamples } from "./client.ts";
import { openControlServer, type ControlAnswers } from "./server.ts";

interface Daemon {
  path: string;
  /** Gives a sample to everybody who watches. */
  sample(sample: object): void;
  watchers(): number;
  close(): Promise<void>;
}

async function startDaemon(path = join(createFolder(), "run", "pcc.sock")): Promise<Daemon> {
  const watchers = new Set<(sample: object) => void>();
  const answers: ControlAnswers = {
    status: () => ({ program: "pcc", pid: 42 }),
    tail(send) {
      watchers.add(send);
      return () => watchers.delete(send);
    },
  };
  const server = await openControlServer(path, answers);
  onTestFinished(() => server.close());
  return {
    path,
    sample: (sample) => {
      for (const send of watchers) send(sample);
    },
    watchers: () => watchers.size,
    close: () => server.close(),
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Everything that the daemon says to this request. */
async function ask(path: string, request: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(text));
    socket.write(request);
  });
}

test("askStatus() gets the daemon's status, and null where there is none any more", async () => {
  const daemon = await startDaemon();
  expect(await askStatus(daemon.path)).toEqual({ program: "pcc", pid: 42 });
  expect(statSync(daemon.path).mode & 0o777).toBe(0o660);
  await daemon.close();
  expect(existsSync(daemon.path)).toBe(false);
  expect(await askStatus(daemon.path)).toBeNull();
});

test("followSamples() gives each sample until the signal, and then nobody watches any more", async () => {
  const daemon = await startDaemon();
  const stop = new AbortController();
  const samples = await followSamples(daemon.path, stop.signal);
  await until(() => daemon.watchers() === 1);
  for (const load1 of [1, 2, 3]) daemon.sample({ load1 });
  const seen: unknown[] = [];
  for await (const sample of samples ?? []) {
    seen.push(sample);
    if (seen.length === 3) stop.abort();
  }
  expect(seen).toEqual([{ load1: 1 }, { load1: 2 }, { load1: 3 }]);
  await until(() => daemon.watchers() === 0);
});

test("a reader that does not read is dropped, and others are served on", async () => {
  const daemon = await startDaemon();
  const stuck: Socket = connect(daemon.path);
  stuck.on("error", () => {});
  stuck.write("tail\n");
  stuck.pause();
  await until(() => daemon.watchers() === 1);
  const wide = { text: "x".repeat(64 * 1024) };
  for (let sent = 0; sent < 64 && daemon.watchers() === 1; sent += 1) {
    daemon.sample(wide);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => daemon.watchers() === 0);
  expect(await askStatus(daemon.path)).toMatchObject({ pid: 42 });
});

test.each(["bogus\n", "x".repeat(300), "\n"])(
  "the daemon says what it knows to a request that it does not: %j",
  async (request) => {
    const daemon = await startDaemon();
    expect(await ask(daemon.path, request)).toMatch(
      /^\{"error":"Cannot answer .*status and tail"\}\n$/,
    );
  },
);

test("openControlServer() replaces the socket of a killed daemon, and nothing else", async () => {
  const path = join(createFolder(), "pcc.sock");
  // A socket whose process has gone: bound, and its file kept.
  const dead = createServer();
  await new Promise<void>((resolve) => dead.listen(`${path}.dead`, resolve));
  linkSync(`${path}.dead`, path);
  await new Promise((resolve) => dead.close(resolve));
  expect(await askStatus(path)).toBeNull();
  const daemon = await startDaemon(path);
  expect(await askStatus(path)).toMatchObject({ pid: 42 });
  await expect(startDaemon(path)).rejects.toThrow("another process answers there");
  expect(await askStatus(path)).toMatchObject({ pid: 42 });
  await daemon.close();
  writeFileSync(path, "mine");
  await expect(startDaemon(path)).rejects.toThrow("is no socket");
});

test("askStatus() says what it cannot ask, and why", async () => {
  const path = join(createFolder(), "a".repeat(200));
  await expect(askStatus(path)).rejects.toThrow(`Cannot ask ${path}: `);
});

test.skipIf(process.getuid?.() === 0)(
  "askStatus() throws where one may not open the socket (not as root, who may)",
  async () => {
    const daemon = await startDaemon();
    chmodSync(daemon.path, 0);
    await expect(askStatus(daemon.path)).rejects.toMatchObject({
      exitCode: 77,
      message: expect.stringMatching(
        /^Cannot ask \S+: .*EACCES.*; its owner, its group and root may/,
      ),
    });
  },
);
