// What pcd is tried between: agents that send to it, and a portal that stores what comes under its name.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";

export const binaries = join(import.meta.dirname, "..", "node_modules", ".bin");

export interface Portal {
  server: Server;
  url: string;
  isAway: boolean;
  /** Digests or bodies by agent, epoch and sequence. */
  stored: Map<string, string>;
  /** Of all that was stored, each once. */
  storedBytes: number;
  /** Names that came with two contents. */
  conflicts: number;
  /** Batches that came again as they were. */
  repeated: number;
}

/** Stores batches by their names. When it is told to it is away, and cuts so many of its answers off. */
export async function startPortal({
  host = "127.0.0.1",
  cutRatio,
}: {
  host?: string;
  cutRatio: number;
}): Promise<Portal> {
  const portal = {
    isAway: false,
    stored: new Map<string, string>(),
    storedBytes: 0,
    conflicts: 0,
    repeated: 0,
  };
  const server = createServer((incoming, response) => {
    let text = "";
    incoming.setEncoding("latin1").on("data", (piece: string) => (text += piece));
    // A line that is cut ends a request early.
    incoming.on("error", () => response.destroy());
    incoming.on("end", () => {
      if (portal.isAway) {
        response.writeHead(503).end();
        return;
      }
      const name = new URL(incoming.url ?? "", "http://portal").search;
      const before = portal.stored.get(name);
      if (before === undefined) portal.storedBytes += text.length;
      else if (before === text) portal.repeated += 1;
      else portal.conflicts += 1;
      portal.stored.set(name, text);
      if (Math.random() < cutRatio) response.socket?.destroy();
      else response.end('{"status":"success"}');
    });
  });
  server.listen(0, host);
  await once(server, "listening");
  // A listening TCP server has such an address.
  const { port } = server.address() as AddressInfo;
  return Object.assign(portal, { server, url: `http://${host}:${port}` });
}

export interface Target {
  /** Of pcd; null before it listens. */
  url: string | null;
  key: string;
}

/** `prefix` is a command that starts it elsewhere. */
export async function startPcd(
  args: readonly string[],
  target: Target,
  prefix: readonly string[] = [],
): Promise<ChildProcess> {
  const [command = "", ...rest] = [...prefix, join(binaries, "pcd"), ...args];
  const pcd = spawn(command, rest, {
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

export interface SendOptions {
  target: Target;
  /** Names of what was answered with 200 are added. */
  acknowledged: string[];
  signal: AbortSignal;
  makeBody: (agent: string, sequence: number) => string | Buffer;
  /** After each batch; longer where it was not taken. */
  pauseMs: number;
  /** By status: how often a batch was not taken. */
  refused?: Map<number, number>;
  epoch: string;
}

/** One batch after the other, each again until it is answered. */
export async function send(agent: string, options: SendOptions): Promise<void> {
  const { target, acknowledged, signal, makeBody, pauseMs, refused, epoch } = options;
  let body = makeBody(agent, 0);
  for (let sequence = 0; !signal.aborted;) {
    const name = `?agent=${agent}&epoch=${epoch}&sequence=${sequence}`;
    const status = await post(name, body, target);
    if (status === 200) {
      acknowledged.push(name);
      sequence += 1;
      body = makeBody(agent, sequence);
      await setTimeout(pauseMs);
    } else {
      refused?.set(status, (refused.get(status) ?? 0) + 1);
      await setTimeout(status === 503 ? 20 * pauseMs : pauseMs);
    }
  }
}

/** A row of few columns. */
export function makeRow(agent: string, sequence: number): string {
  const header = "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free";
  return `${header}\n${1_767_800_521 + sequence},${agent},1,2,97,4000,1000\n`;
}

/** 0 where nobody answers. */
function post(name: string, body: string | Buffer, { url, key }: Target): Promise<number> {
  if (url === null) return Promise.resolve(0);
  return new Promise((resolve) => {
    const options = {
      method: "POST",
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": "text/csv",
        ...(typeof body === "string" ? {} : { "content-encoding": "gzip" }),
      },
    };
    const sent = request(new URL(`/api/v1/performance/stream${name}`, url), options, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", () => resolve(0));
    });
    sent.on("error", () => resolve(0));
    sent.end(body);
  });
}
