// What one pcd takes from 200 agents and hands on to a portal that answers at once: batches and rows a second, CPU a batch, and resident
// memory; at full speed with small and with large batches, and at one sample a second of each agent.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { generateMachineDay, valuesPerRow } from "./generate.ts";

const agents = 200;
const phaseMs = 10_000;
/** With Node; the packaged pcd takes less than half of it. */
const residentLimitMb = 250;
const binaries = join(import.meta.dirname, "..", "node_modules", ".bin");

interface Phase {
  name: string;
  rows: number;
  /** Time between an agent's batches; 0: as soon as the last one is answered. */
  everyMs: number;
}

const phases: readonly Phase[] = [
  { name: "a row each, once a second", rows: 1, everyMs: 1000 },
  { name: "a row each, at full speed", rows: 1, everyMs: 0 },
  { name: "60 rows each, gzip, at full speed", rows: 60, everyMs: 0 },
];

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-pcd-"));
  const sink = await startSink();
  let pcd: ChildProcess | null = null;
  try {
    const keys = join(folder, "keys.json");
    const create = ["key", "create", "bench", "--upstream", "portal", "--keys", keys];
    const created = await promisify(execFile)(join(binaries, "pcd"), create);
    const args = ["--state", join(folder, "state"), "--keys", keys, "--listen", "127.0.0.1:0"];
    pcd = spawn(join(binaries, "pcd"), ["--portal", sink.url, ...args], {
      env: { ...process.env, PCD_API_KEY: "pa_bench" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const gateway = await readUrl(pcd);
    console.log(`${agents} agents, ${valuesPerRow} values a row, ${phaseMs / 1000} s each`);
    for (const [at, phase] of phases.entries())
      await measure(phase, { gateway, pcd, sink, key: created.stdout.trim(), epoch: `e${at}` });
    const { peakMb } = readUsage(pcd);
    const isMet = peakMb <= residentLimitMb;
    console.log(
      `most resident memory ${peakMb.toFixed(0)} MB; limit ${residentLimitMb} MB: ${isMet ? "met" : "missed"}`,
    );
    if (!isMet) process.exitCode = 1;
  } finally {
    if (pcd !== null) {
      pcd.kill("SIGTERM");
      await once(pcd, "exit");
    }
    sink.server.close();
    sink.server.closeAllConnections();
    rmSync(folder, { recursive: true });
  }
}

interface Sink {
  server: Server;
  url: string;
  batches: number;
}

/** A portal that takes everything and stores nothing. */
async function startSink(): Promise<Sink> {
  const sink = { batches: 0 };
  const server = createServer((incoming, response) => {
    incoming.resume().on("end", () => {
      sink.batches += 1;
      response.end('{"status":"success"}');
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A listening TCP server has such an address.
  const { port } = server.address() as AddressInfo;
  return Object.assign(sink, { server, url: `http://127.0.0.1:${port}` });
}

async function measure(
  { name, rows, everyMs }: Phase,
  target: { gateway: string; pcd: ChildProcess; sink: Sink; key: string; epoch: string },
): Promise<void> {
  const { gateway, pcd, sink, key, epoch } = target;
  const connections = new Agent({ keepAlive: true, maxSockets: agents });
  const before = readUsage(pcd);
  const forwardedBefore = sink.batches;
  const startMs = performance.now();
  const endMs = startMs + phaseMs;
  const latenciesMs: number[] = [];
  const busy = new Map<number, number>();
  const headers = { authorization: `Bearer ${key}`, "content-type": "text/csv" };
  await Promise.all(
    Array.from({ length: agents }, async (_, at) => {
      const machineId = `bench-${at}`;
      const body = makeBody(machineId, rows);
      await setTimeout((everyMs * at) / agents);
      for (let sequence = 0; performance.now() < endMs; sequence += 1) {
        const query = `agent=${machineId}&epoch=${epoch}&sequence=${sequence}`;
        const url = new URL(`/api/v1/performance/stream?${query}`, gateway);
        const sentMs = performance.now();
        const status = await post(url, { connections, headers, body });
        const tookMs = performance.now() - sentMs;
        if (status === 200) latenciesMs.push(tookMs);
        else busy.set(status, (busy.get(status) ?? 0) + 1);
        if (everyMs > 0) await setTimeout(Math.max(0, everyMs - tookMs));
      }
    }),
  );
  const tookS = (performance.now() - startMs) / 1000;
  const after = readUsage(pcd);
  connections.destroy();
  const batches = latenciesMs.length;
  const cpuMs = after.cpuMs - before.cpuMs;
  latenciesMs.sort((one, other) => one - other);
  const p95 = latenciesMs[Math.floor(batches * 0.95)] ?? Number.NaN;
  const others = [...busy].map(([status, count]) => `, ${count} × ${status}`).join("");
  console.log(
    `${name}: ${Math.round(batches / tookS)} batches/s, ${Math.round((batches * rows) / tookS)} rows/s${others}, ` +
      `95 % answered within ${p95.toFixed(0)} ms; ${(cpuMs / batches).toFixed(2)} ms CPU a batch (${((cpuMs / tookS / 1000) * 100).toFixed(0)} % of a core), ` +
      `${after.residentMb.toFixed(0)} MB; ${sink.batches - forwardedBefore} of ${batches} forwarded by then`,
  );
}

function makeBody(machineId: string, rows: number): Buffer {
  const csv = Buffer.from([...generateMachineDay({ machineId, rows })].join(""));
  return csv.length < 4096 ? csv : gzipSync(csv);
}

function post(
  url: URL,
  {
    connections,
    headers,
    body,
  }: { connections: Agent; headers: Record<string, string>; body: Buffer },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { method: "POST", agent: connections, headers };
    const sent = request(url, options, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

async function readUrl({ stderr }: ChildProcess): Promise<string> {
  if (stderr === null) throw new Error("Cannot read what pcd says");
  for await (const line of createInterface({ input: stderr })) {
    const ready = /listening on (http:[^;]+);/.exec(line);
    if (ready?.[1] !== undefined) return ready[1];
  }
  throw new Error("Cannot start pcd: it ended");
}

function readUsage({ pid }: ChildProcess): { cpuMs: number; residentMb: number; peakMb: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const inMb = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
  return {
    // Clock ticks of 10 ms, user and system.
    cpuMs: 10 * (Number(fields[11]) + Number(fields[12])),
    residentMb: inMb("VmRSS"),
    peakMb: inMb("VmHWM"),
  };
}
