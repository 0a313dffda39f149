// Kills the sending part of pcc – its spool and its sender – at writes, syncs, renames and removals, again and again on one spool, while
// the receiver refuses and cuts answers off. Whatever was kept must arrive, once, under one name, and each start be quick.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, driver, numbersOf, startReceiver, type Receiver } from "./spool-driver.ts";

export interface KillPointResult {
  /** Processes that were killed. */
  killed: number;
  /** By the call that they were killed at; `anywhere`: at a random moment. */
  killedAt: Map<string, number>;
  keptRows: number;
  /** Kept, and never received. */
  lostRows: number;
  /** Received under two names. */
  duplicateRows: number;
  /** Names that came with two contents. */
  conflicts: number;
  /** Batches that came again as they were. */
  repeatedBatches: number;
  slowestStartMs: number;
}

export interface KillPointOptions {
  points: number;
  seed: number;
  /** After each spool that was drained. */
  onSpool?: (result: KillPointResult) => void;
}

const calls = ["write", "fdatasync", "fsync", "rename", "unlink", "link", "openat", "ftruncate"];
const pointsPerSpool = 20;
const rowsPerRun = 40;
/** A run takes about as long. */
const longestRunMs = 400;

export async function run(): Promise<void> {
  const points = Number(process.argv[3] ?? 2000);
  const seed = Date.now() % 1e6;
  const startMs = Date.now();
  console.log(`${points} kill points, seed ${seed}`);
  const result = await tryKillPoints({
    points,
    seed,
    onSpool: ({ killed, lostRows, duplicateRows, conflicts }) => {
      if (killed % 100 === 0)
        console.log(
          `${killed} kills: ${lostRows} lost, ${duplicateRows} twice, ${conflicts} conflicts`,
        );
    },
  });
  const where = Array.from(result.killedAt, ([call, count]) => `${call} ${count}`).join(", ");
  console.log(
    `${result.killed} kills (${where}) in ${Math.round((Date.now() - startMs) / 1000)} s`,
  );
  console.log(`${result.keptRows} samples kept, ${result.lostRows} lost`);
  console.log(
    `${result.duplicateRows} received twice, ${result.conflicts} names with two contents`,
  );
  console.log(`${result.repeatedBatches} batches repeated as they were`);
  console.log(`slowest start ${result.slowestStartMs} ms`);
  const met =
    result.lostRows === 0 &&
    result.duplicateRows === 0 &&
    result.conflicts === 0 &&
    result.slowestStartMs <= 2000;
  console.log(`none lost, none twice, start within 2 s: ${met ? "met" : "missed"}`);
  if (!met) process.exitCode = 1;
}

export async function tryKillPoints({
  points,
  seed,
  onSpool = () => {},
}: KillPointOptions): Promise<KillPointResult> {
  const random = createRandom(seed);
  const result: KillPointResult = {
    killed: 0,
    killedAt: new Map(),
    keptRows: 0,
    lostRows: 0,
    duplicateRows: 0,
    conflicts: 0,
    repeatedBatches: 0,
    slowestStartMs: 0,
  };
  while (result.killed < points) {
    const folder = mkdtempSync(join(tmpdir(), "kill-points-"));
    const receiver = await startReceiver(random, { refused: 0.1, cut: 0.1 });
    try {
      const least = Math.min(points, result.killed + pointsPerSpool);
      await tryOneSpool(folder, receiver, { least, random, result });
    } finally {
      receiver.close();
      rmSync(folder, { recursive: true });
    }
    onSpool(result);
  }
  return result;
}

interface Trial {
  /** Goes on until so many were killed in all. */
  least: number;
  random: () => number;
  result: KillPointResult;
}

async function tryOneSpool(
  folder: string,
  receiver: Receiver,
  { least, random, result }: Trial,
): Promise<void> {
  const kept = new Set<number>();
  const drive = { folder: join(folder, "spool"), portal: receiver.url, bootId: "b", firstRow: 1 };
  const take = (ended: Ended): void => {
    for (const row of ended.kept) kept.add(row);
    // The row behind it may be kept as well, and only its message be missing.
    drive.firstRow = Math.max(drive.firstRow, (ended.kept.at(-1) ?? drive.firstRow) + 2);
    result.slowestStartMs = Math.max(result.slowestStartMs, ended.startMs);
  };
  const counted = await runDriver(
    { ...drive, rows: rowsPerRun },
    { traceTo: join(folder, "calls") },
  );
  take(counted);
  while (result.killed < least) {
    const call = pick([...counted.calls.keys(), "anywhere"], random);
    const at = 1 + Math.floor(random() * (counted.calls.get(call) ?? 0));
    const ended = await runDriver(
      { ...drive, rows: rowsPerRun },
      call === "anywhere" ? { killAfterMs: random() * longestRunMs } : { killAt: { call, at } },
    );
    take(ended);
    if (!ended.killed) continue;
    result.killed += 1;
    result.killedAt.set(call, (result.killedAt.get(call) ?? 0) + 1);
  }
  take(await runDriver({ ...drive, rows: 0 }, {}));
  result.keptRows += kept.size;
  result.lostRows += [...kept].filter((row) => !receiver.rows.has(row)).length;
  result.duplicateRows += receiver.duplicateRows();
  result.conflicts += receiver.conflicts();
  result.repeatedBatches += receiver.repeatedBatches();
}

interface Ended {
  killed: boolean;
  kept: number[];
  startMs: number;
  /** How often each call was made. */
  calls: Map<string, number>;
}

interface RunOptions {
  killAt?: { call: string; at: number };
  killAfterMs?: number;
  traceTo?: string;
}

async function runDriver(
  drive: { folder: string; portal: string; firstRow: number; rows: number },
  { killAt, killAfterMs, traceTo }: RunOptions,
): Promise<Ended> {
  const json = JSON.stringify({
    ...drive,
    bootId: "b",
    maxBytes: 256 * 1024,
    closeMs: 20_000,
    syncWaits: killAfterMs === undefined,
  });
  const node = [process.execPath, driver, json];
  const strace = ["strace", "-f", "-qq", "-o", traceTo ?? "/dev/null"];
  const inject = `inject=${killAt?.call}:signal=SIGKILL:when=${killAt?.at}`;
  const traced =
    killAt === undefined
      ? ["-e", `trace=${calls.join(",")}`]
      : ["-e", `trace=${killAt.call}`, "-e", inject];
  const isTraced = killAt !== undefined || traceTo !== undefined;
  const [command = "", ...args] = isTraced ? [...strace, ...traced, ...node] : node;
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  const timer =
    killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  const killed = await new Promise<boolean>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(signal === "SIGKILL" || code === 137));
  });
  clearTimeout(timer);
  const [waiting] = numbersOf(stdout, "waiting");
  if (!killed && waiting !== 0)
    throw new Error(`The driver ended with ${waiting} rows in its spool:\n${stdout.slice(-500)}`);
  return {
    killed,
    kept: numbersOf(stdout, "kept"),
    startMs: Math.max(0, ...numbersOf(stdout, "opened")),
    calls: traceTo === undefined ? new Map() : countCalls(readFileSync(traceTo, "utf8")),
  };
}

function countCalls(trace: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, call = ""] of trace.matchAll(/^\d+ +([a-z0-9]+)\(/gm))
    counts.set(call, (counts.get(call) ?? 0) + 1);
  return counts;
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError("Cannot pick one of none");
  return item;
}
