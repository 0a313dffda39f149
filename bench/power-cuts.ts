// Cuts the power of the sending part of pcc, again and again: copies the live image of its file system, which has nothing of what the
// kernel still holds in memory, and goes on from the copy as after a reboot. Whatever was synced must arrive, however much was sent before.
// The image lies on an XFS, which copies a file at one moment, between two writes: a copy that takes its time has some blocks from before
// a write and some from after it, which no cut leaves.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  constants,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, driver, numbersOf, startReceiver, type Receiver } from "./spool-driver.ts";

const imageBytes = 16 * 1024 * 1024;
/** The least that mkfs.xfs makes, and a little more. */
const poolBytes = 400 * 1024 * 1024;
const cutsPerImage = 25;
const longestWaitMs = 150;

interface CutResult {
  cuts: number;
  syncedRows: number;
  lostRows: number;
  conflicts: number;
  slowestStartMs: number;
}

export async function run(): Promise<void> {
  const cuts = Number(process.argv[3] ?? 200);
  const folder = mkdtempSync(join(tmpdir(), "power-cuts-"));
  try {
    const pool = tryMountPool(folder);
    if (pool === null) console.log("power-cuts needs root, a loop device and mkfs.xfs: skipped");
    else await cutAll(pool, cuts);
  } finally {
    spawnSync("umount", [join(folder, "pool")]);
    rmSync(folder, { recursive: true });
  }
}

async function cutAll(pool: string, cuts: number): Promise<void> {
  const random = createRandom(Date.now() % 1e6);
  const result = { cuts: 0, syncedRows: 0, lostRows: 0, conflicts: 0, slowestStartMs: 0 };
  while (result.cuts < cuts) {
    await tryOneImage(pool, Math.min(cuts, result.cuts + cutsPerImage), random, result);
    console.log(`${result.cuts} cuts: ${result.lostRows} of ${result.syncedRows} samples lost`);
  }
  console.log(`${result.conflicts} names with two contents`);
  console.log(`slowest start ${result.slowestStartMs} ms`);
  const met = result.lostRows === 0 && result.conflicts === 0 && result.slowestStartMs <= 2000;
  console.log(`none lost, start within 2 s: ${met ? "met" : "missed"}`);
  if (!met) process.exitCode = 1;
}

async function tryOneImage(
  pool: string,
  untilCuts: number,
  random: () => number,
  result: CutResult,
): Promise<void> {
  const folder = mkdtempSync(join(pool, "image-"));
  const receiver = await startReceiver(random, { refused: 0.6, cut: 0.1 });
  const live = mountImage(makeImage(folder), join(folder, "live"));
  const child = spawn(process.execPath, [driver, render(live, receiver, { boot: 0, rows: 1e6 })], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  let synced = 0;
  try {
    for (let boot = 1; result.cuts < untilCuts; boot += 1) {
      await wait(random() * longestWaitMs);
      synced = numbersOf(output, "synced").at(-1) ?? 0;
      // Never one of before: its loop device may be there for a moment longer, and what is cached of it.
      const copy = join(folder, `copy-${boot}`);
      copyFileSync(join(folder, "image"), copy, constants.COPYFILE_FICLONE_FORCE);
      const rebooted = mountImage(copy, join(folder, "rebooted"));
      // It names a process that lives, and would not after a reboot.
      rmSync(join(rebooted, "spool/spool.lock"), { force: true });
      try {
        const drained = await drain(render(rebooted, receiver, { boot, rows: 0 }));
        result.slowestStartMs = Math.max(result.slowestStartMs, ...numbersOf(drained, "opened"));
      } finally {
        execFileSync("umount", [rebooted]);
        rmSync(copy);
      }
      for (let row = 1; row <= synced; row += 1) if (!receiver.rows.has(row)) result.lostRows += 1;
      result.cuts += 1;
    }
    result.syncedRows += synced;
    result.conflicts += receiver.conflicts();
  } finally {
    child.kill("SIGKILL");
    await ended;
    receiver.close();
    execFileSync("umount", [live]);
    rmSync(folder, { recursive: true });
  }
}

function render(
  folder: string,
  { url }: Receiver,
  { boot, rows }: { boot: number; rows: number },
): string {
  return JSON.stringify({
    folder: join(folder, "spool"),
    portal: url,
    bootId: `boot-${boot}`,
    maxBytes: 4 * 1024 * 1024,
    firstRow: 1,
    rows,
    closeMs: 60_000,
    syncWaits: boot % 2 === 0,
  });
}

/** Runs the driver until all is sent; answers what it said. */
async function drain(drive: string): Promise<string> {
  const child = spawn(process.execPath, [driver, drive], { stdio: ["ignore", "pipe", "ignore"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  await new Promise<void>((resolve) => {
    child.on("close", () => resolve());
  });
  if (numbersOf(output, "waiting")[0] === 0) return output;
  throw new Error(`The driver did not send all that it had:\n${output.slice(-500)}`);
}

function makeImage(folder: string): string {
  const image = makeFile(join(folder, "image"), imageBytes);
  execFileSync("mkfs.ext4", ["-q", image], { stdio: "ignore" });
  return image;
}

function mountImage(image: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  execFileSync("mount", ["-o", "loop", image, folder]);
  return folder;
}

/** Null where this machine cannot. */
function tryMountPool(folder: string): string | null {
  const image = makeFile(join(folder, "pool-image"), poolBytes);
  try {
    execFileSync("mkfs.xfs", ["-q", image], { stdio: "ignore" });
    return mountImage(image, join(folder, "pool"));
  } catch {
    return null;
  }
}

function makeFile(path: string, bytes: number): string {
  writeFileSync(path, "");
  truncateSync(path, bytes);
  return path;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
