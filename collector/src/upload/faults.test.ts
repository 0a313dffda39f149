// Disks that fail, under the real spool and sender. What needs root or strace is skipped without.
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../sampling/clock.ts";
import { createFolder } from "../sampling/fake-procfs.ts";
import { openSpool } from "../spool/disk-spool.ts";
import type { Spool } from "../spool/spool.ts";
import { createHttpClient } from "./http.ts";
import { openStores } from "./stores.ts";
import { StreamSender, type StreamOptions } from "./stream.ts";
import { startStubPortal } from "./stub-portal.ts";

const driver = join(import.meta.dirname, "testing/spool-driver.ts");
const nobody = "http://127.0.0.1:1";
const all = { maxRecords: 1e9, maxBytes: 1e9 };

function mount(args: readonly string[], folder: string): boolean {
  mkdirSync(folder, { recursive: true });
  const mounted = spawnSync("mount", [...args, folder], { stdio: "ignore" }).status === 0;
  if (mounted) onTestFinished(() => void execFileSync("umount", ["--lazy", folder]));
  return mounted;
}

function canMount(args: readonly string[]): boolean {
  return inFolder((folder) => {
    const mounted = spawnSync("mount", [...args, folder], { stdio: "ignore" }).status === 0;
    if (mounted) execFileSync("umount", [folder]);
    return mounted;
  });
}

function canMountImage(): boolean {
  return inFolder((folder) => {
    try {
      return canMount(["-o", "loop", makeImage(folder)]);
    } catch {
      return false;
    }
  });
}

function makeImage(folder: string): string {
  const image = join(folder, "image");
  writeFileSync(image, "");
  truncateSync(image, 16 * 1024 * 1024);
  execFileSync("mkfs.ext4", ["-q", image], { stdio: "ignore" });
  return image;
}

/** A folder for what is asked before any test runs. */
function inFolder<Answer>(ask: (folder: string) => Answer): Answer {
  const folder = mkdtempSync(join(tmpdir(), "collector-"));
  try {
    return ask(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Driven {
  child: ChildProcess;
  output: () => string;
  ended: Promise<void>;
}

interface DriveOptions {
  rows: number;
  syncWaits: boolean;
  /** What runs it. */
  prefix?: readonly string[];
}

function drive(folder: string, { rows, syncWaits, prefix = [] }: DriveOptions): Driven {
  const json = JSON.stringify({
    folder,
    portal: nobody,
    bootId: "boot",
    maxBytes: 8e6,
    firstRow: 1,
    rows,
    closeMs: 50,
    syncWaits,
  });
  // All that it says through one pipe, so that it comes in the order in which it was said.
  const one = ["-c", 'exec "$@" 2>&1', "sh"];
  const child = spawn("/bin/sh", [...one, ...prefix, process.execPath, driver, json], {
    // strace counts by the thread.
    env: { ...process.env, UV_THREADPOOL_SIZE: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
  });
  return { child, output: () => output, ended };
}

async function startSender(
  portal: URL,
  options: Pick<StreamOptions, "stores" | "report">,
): Promise<{ sender: StreamSender; add: (timestampS: number) => void }> {
  const sender = new StreamSender({
    client: await createHttpClient(portal.protocol, Date.now),
    portal,
    readApiKey: () => "pa_x",
    machineId: "web-01",
    readFacts: () => ({}),
    clock: systemClock,
    random: () => 0,
    ...options,
  });
  return {
    sender,
    add: (timestampS) => sender.add({ timestampS, columns: ["load1"], values: Float64Array.of(1) }),
  };
}

function rowsOf(spool: Spool): number[] {
  return spool.read(0, all).map(({ payload }) => Number(payload.toString().split(",", 1)[0]));
}

function countUp(to: number): number[] {
  return Array.from({ length: to }, (_, at) => at + 1);
}

describe("a spool on a disk that fails", () => {
  test.skipIf(!canMountImage()).each([true, false])(
    "holds after a power cut what was synced before, waiting for it: %s (needs root and a loop device)",
    async (syncWaits) => {
      const folder = createFolder();
      const image = makeImage(folder);
      const live = join(folder, "live");
      expect(mount(["-o", "loop", image], live)).toBe(true);
      const { child, output, ended } = drive(join(live, "spool"), { rows: 1e6, syncWaits });
      for (let cut = 1; cut <= 3; cut += 1) {
        const before = output().length;
        await expect.poll(() => output().slice(before), { timeout: 20_000 }).toContain("synced");
        const synced = Number(/.*synced (\d+)$/ms.exec(output())?.[1]);
        // As it lies on the disk now: nothing of what the kernel still has in memory.
        const copy = join(folder, `copy-${cut}`);
        copyFileSync(image, copy);
        expect(mount(["-o", "loop", copy], join(folder, `after-${cut}`))).toBe(true);
        // It names a process that lives, and would not after a reboot.
        rmSync(join(folder, `after-${cut}`, "spool/spool.lock"), { force: true });
        const spool = openSpool(join(folder, `after-${cut}`, "spool"), {
          maxBytes: 8e6,
          report: () => {},
        });
        const rows = rowsOf(spool);
        expect(rows.length).toBeGreaterThanOrEqual(synced);
        expect(rows).toEqual(countUp(rows.length));
        expect(spool.append(1, Buffer.from("next"))).toBeGreaterThan(rows.length);
        spool.close();
      }
      child.kill("SIGKILL");
      await ended;
    },
  );

  test.skipIf(!canMount(["-t", "tmpfs", "-o", "size=1m", "none"]))(
    "keeps its last whole record when it is full, and goes on when there is room (needs root)",
    () => {
      const folder = join(createFolder(), "disk");
      expect(mount(["-t", "tmpfs", "-o", "size=1m", "none"], folder)).toBe(true);
      const spool = openSpool(join(folder, "spool"), { maxBytes: 8e6, report: () => {} });
      writeFileSync(join(folder, "others"), Buffer.alloc(400_000));
      const kept: number[] = [];
      const payload = (): Buffer => Buffer.from(`${kept.length + 1},`.padEnd(30_011, "x"));
      const fill = (): void => {
        for (;;) kept.push(spool.append(1, payload()));
      };
      expect(fill).toThrow("ENOSPC");
      expect(kept.length).toBeGreaterThan(10);
      expect(() => spool.append(1, payload())).toThrow("ENOSPC");
      expect(rowsOf(spool)).toEqual(kept);
      rmSync(join(folder, "others"));
      kept.push(spool.append(1, payload()));
      expect(rowsOf(spool)).toEqual(kept);
      expect(kept).toEqual(countUp(kept.length));
      spool.close();
      const again = openSpool(join(folder, "spool"), { maxBytes: 8e6, report: () => {} });
      expect(rowsOf(again)).toEqual(kept);
      expect(again.counts().damagedRecords).toBe(0);
      again.close();
    },
  );

  test.skipIf(!canMount(["-t", "tmpfs", "-o", "size=1m", "none"]))(
    "does not keep samples from the portal when it is full (needs root)",
    async () => {
      const folder = join(createFolder(), "disk");
      expect(mount(["-t", "tmpfs", "-o", "size=1m", "none"], folder)).toBe(true);
      const portal = await startStubPortal();
      const messages: string[] = [];
      const report = (message: string): void => void messages.push(message);
      const stores = openStores({
        folder: join(folder, "spool"),
        maxBytes: 8e6,
        bootId: "boot",
        report,
      });
      const { sender, add } = await startSender(portal.url, { stores, report });
      expect(() => writeFileSync(join(folder, "others"), Buffer.alloc(2e6))).toThrow("ENOSPC");
      add(1);
      add(2);
      await expect.poll(() => sender.count()).toMatchObject({ sentRows: 2, waitingRows: 0 });
      rmSync(join(folder, "others"));
      add(3);
      await sender.close(5000);
      expect(sender.count()).toMatchObject({ sentRows: 3, droppedRows: 0 });
      const sent = portal.received.map(({ csv }) => csv).join("");
      expect(sent.match(/^\d+,web-01/gm)).toEqual(["1,web-01", "2,web-01", "3,web-01"]);
      expect(messages[0]).toContain(`Cannot spool in ${join(folder, "spool")}: ENOSPC`);
      expect(messages[1]).toBe(`${join(folder, "spool")}: spooling again`);
      for (const { spool } of stores) spool.close();
    },
  );

  test.skipIf(!canMount(["-t", "tmpfs", "-o", "size=1m", "none"]))(
    "is opened once there is room where it was full at the start, with what is in it (needs root)",
    async () => {
      const disk = join(createFolder(), "disk");
      expect(mount(["-t", "tmpfs", "-o", "size=1m", "none"], disk)).toBe(true);
      const folder = join(disk, "spool");
      const before = openSpool(folder, { maxBytes: 8e6, report: () => {} });
      before.append(1, Buffer.from("1,web-01,1\n"), Buffer.from("timestamp,machine_id,load1\n"));
      before.close();
      expect(() => writeFileSync(join(disk, "others"), Buffer.alloc(2e6))).toThrow("ENOSPC");
      const messages: string[] = [];
      const report = (message: string): void => void messages.push(message);
      const stores = openStores({ folder, maxBytes: 8e6, bootId: "boot", report });
      const portal = await startStubPortal();
      portal.behave = () => {};
      const { sender, add } = await startSender(portal.url, { stores, report });
      add(2);
      add(3);
      expect(sender.count()).toMatchObject({ waitingRows: 2 });
      rmSync(join(disk, "others"));
      add(4);
      await sender.close(50);
      expect(rowsOf(stores[0].spool).toSorted((a, b) => a - b)).toEqual(countUp(4));
      expect(sender.count()).toMatchObject({ waitingRows: 4, droppedRows: 0 });
      for (const { spool } of stores) spool.close();
      expect(messages[0]).toContain(`Cannot spool in ${folder}: ENOSPC`);
      expect(messages.at(-1)).toBe(`${folder}: spooling again`);
    },
  );

  test.skipIf(spawnSync("strace", ["-V"]).status !== 0).each([true, false])(
    "trusts no segment any more that could not be synced, waiting for it: %s (needs strace)",
    async (syncWaits) => {
      const folder = join(createFolder(), "spool");
      const fail = ["-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=1"];
      const prefix = ["strace", "-f", "-o", "/dev/null", ...fail];
      const { output, ended } = drive(folder, { rows: 25, syncWaits, prefix });
      await ended;
      expect(output()).toContain("Cannot sync: Error: EIO");
      expect(output()).toContain("synced 20");
      expect(output()).not.toContain("synced 10\n");
      const segments = readdirSync(folder).filter((name) => name.endsWith(".spool"));
      // Rows behind the failure are in another one, from the first that came when it was told.
      const [before = ""] = output().split("Cannot sync");
      const lastBefore = Number(/(\d+)\n*$/.exec(before)?.[1]);
      expect(lastBefore).toBeGreaterThanOrEqual(10);
      expect(lastBefore).toBeLessThanOrEqual(syncWaits ? 10 : 24);
      const firstRows = segments.map((name) => Number(name.split("-", 1)[0]));
      expect(firstRows.toSorted((a, b) => a - b)).toEqual([1, lastBefore + 1]);
      const spool = openSpool(folder, { maxBytes: 8e6, report: () => {} });
      expect(rowsOf(spool)).toEqual(countUp(25));
      spool.close();
    },
  );
});
