// Ends pcd by SIGTERM at 200 random moments while agents send and the portal is now there, now away: it must end with exit code 0 within
// 10 s each time, and everything that was answered must be in the portal at the end, once.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";

const moments = 200;
const agents = 8;
const endsWithinMs = 10_000;
const binaries = join(import.meta.dirname, "..", "node_modules", ".bin");

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-pcd-sigterm-"));
  const portal = await startPortal();
  const target: Target = { url: null, key: "" };
  const stop = new AbortController();
  try {
    const keys = join(folder, "keys.json");
    const create = ["key", "create", "bench", "--upstream", "portal", "--keys", keys];
    target.key = (await promisify(execFile)(join(binaries, "pcd"), create)).stdout.trim();
    const args = ["--portal", portal.url, "--state", join(folder, "state"), "--keys", keys];
    const acknowledged: string[] = [];
    const sending = Array.from({ length: agents }, (_, at) =>
      send(`bench-${at}`, { target, acknowledged, signal: stop.signal }),
    );
    const tookMs: number[] = [];
    let badEnds = 0;
    for (let moment = 0; moment < moments; moment += 1) {
      portal.isAway = moment % 4 === 3;
      const pcd = await startPcd(args, target);
      await setTimeout(Math.random() * 200);
      const startMs = performance.now();
      pcd.kill("SIGTERM");
      // An exit event has a code or a signal.
      const [code] = (await once(pcd, "exit")) as [number | null];
      tookMs.push(performance.now() - startMs);
      if (code !== 0) badEnds += 1;
    }
    stop.abort();
    await Promise.all(sending);
    portal.isAway = false;
    const last = await startPcd(args, target);
    const listLost = (): string[] => acknowledged.filter((name) => !portal.stored.has(name));
    for (let tries = 0; tries < 300 && listLost().length > 0; tries += 1) await setTimeout(100);
    last.kill("SIGTERM");
    await once(last, "exit");
    const slowestMs = Math.max(...tookMs);
    const lost = listLost().length;
    console.log(
      `${moments - badEnds} of ${moments} ended with exit code 0, the slowest after ${slowestMs.toFixed(0)} ms; ` +
        `${acknowledged.length} batches were answered, ${lost} of them lost, ${portal.conflicts} stored with other content`,
    );
    const isMet = badEnds === 0 && slowestMs < endsWithinMs && lost === 0 && portal.conflicts === 0;
    console.log(
      `all within ${endsWithinMs / 1000} s and nothing lost: ${isMet ? "met" : "missed"}`,
    );
    if (!isMet) process.exitCode = 1;
  } finally {
    stop.abort();
    portal.server.close();
    portal.server.closeAllConnections();
    rmSync(folder, { recursive: true });
  }
}

interface Target {
  url: string | null;
  key: string;
}

interface Portal {
  server: Server;
  url: string;
  isAway: boolean;
  /** By agent, epoch and sequence. */
  stored: Map<string, string>;
  conflicts: number;
}

/** Stores batches by their names. Now and then it is away, and cuts answers off. */
async function startPortal(): Promise<Portal> {
  const portal = { isAway: false, stored: new Map<string, string>(), conflicts: 0 };
  const server = createServer((incoming, response) => {
    let text = "";
    incoming.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    incoming.on("end", () => {
      if (portal.isAway) {
        response.writeHead(503).end();
        return;
      }
      const name = new URL(incoming.url ?? "", "http://portal").search;
      if ((portal.stored.get(name) ?? text) !== text) portal.conflicts += 1;
      portal.stored.set(name, text);
      if (Math.random() < 0.05) response.socket?.destroy();
      else response.end('{"status":"success"}');
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A listening TCP server has such an address.
  const { port } = server.address() as AddressInfo;
  return Object.assign(portal, { server, url: `http://127.0.0.1:${port}` });
}

async function startPcd(args: readonly string[], target: Target): Promise<ChildProcess> {
  const pcd = spawn(join(binaries, "pcd"), [...args, "--listen", "127.0.0.1:0"], {
    env: { ...process.env, PCD_API_KEY: "pa_bench" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  for await (const line of createInterface({ input: pcd.stderr })) {
    const [, url] = /listening on (http:[^;]+);/.exec(line) ?? [];
    if (url === undefined) continue;
    target.url = url;
    // What else it says is not read; it must not wait for that.
    pcd.stderr.resume();
    return pcd;
  }
  throw new Error("Cannot start pcd: it ended");
}

/** One batch after the other, again until it is answered. */
async function send(
  agent: string,
  { target, acknowledged, signal }: { target: Target; acknowledged: string[]; signal: AbortSignal },
): Promise<void> {
  for (let sequence = 0; !signal.aborted;) {
    const name = `?agent=${agent}&epoch=e1&sequence=${sequence}`;
    const header = "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free";
    const body = `${header}\n${1_767_800_521 + sequence},${agent},1,2,97,4000,1000\n`;
    if ((await post(name, body, target)) === 200) {
      acknowledged.push(name);
      sequence += 1;
    }
    await setTimeout(5);
  }
}

/** 0 where nobody answers. */
function post(name: string, body: string, { url, key }: Target): Promise<number> {
  if (url === null) return Promise.resolve(0);
  return new Promise((resolve) => {
    const options = {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "text/csv" },
    };
    const sent = request(new URL(`/api/v1/performance/stream${name}`, url), options, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", () => resolve(0));
    });
    sent.on("error", () => resolve(0));
    sent.end(body);
  });
}
