import { chownSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ExitError } from "../exit.ts";
import { createFolder } from "../sampling/fake-procfs.ts";
import { createLayout, noDevices } from "../sampling/layout.ts";
import { testRun } from "../testing/run.ts";
import { readWritten } from "../testing/written-lines.ts";
import {
  isCaptureFolder,
  openCaptureFolder,
  type CaptureFolderOptions,
  type Rotation,
} from "./rotate.ts";
import { openCaptureWriter, type SampleSink } from "./write.ts";

const layout = createLayout({ ...noDevices, cpu: ["cpu"] });
const midnightMs = Date.UTC(2026, 10, 26);
const secondMs = 1000;

function open(
  folder: string,
  {
    timeMs = midnightMs - 10 * secondMs,
    messages = [],
    openFile,
    ...rotation
  }: Partial<Rotation> & {
    timeMs?: number;
    messages?: string[];
    openFile?: CaptureFolderOptions["openFile"];
  } = {},
): SampleSink {
  const report = (message: string): void => void messages.push(message);
  return openCaptureFolder(folder, {
    machineId: "web-01",
    layout,
    rotation: () => ({
      daily: true,
      rotateBytes: 1024 ** 3,
      keepDays: 31,
      keepBytes: 1024 ** 4,
      ...rotation,
    }),
    timeMs,
    openFile:
      openFile ??
      ((path, devices) => openCaptureWriter(path, { run: testRun, layout: devices, report })),
    report,
    pauseMs: 0,
  });
}

function takeSample(sink: SampleSink, timeMs: number): void {
  sink.tick({ timeMs, monotonicUs: timeMs * 1000, missedTicks: 0, clockStepMs: 0 });
  sink.sample({
    timeMs,
    monotonicUs: timeMs * 1000,
    values: new Float64Array(layout.size).fill(1),
  });
}

function listFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => !name.endsWith(".lock"));
}

function readKeys(path: string): string[] {
  return readWritten(path)
    .trimEnd()
    .split("\n")
    .map((line) => Object.keys(JSON.parse(line) as object)[0] ?? "");
}

describe("isCaptureFolder()", () => {
  test("isCaptureFolder() goes by a slash at the end, or by what is there", () => {
    const folder = createFolder();
    expect(isCaptureFolder(folder)).toBe(true);
    expect(isCaptureFolder(join(folder, "missing/"))).toBe(true);
    expect(isCaptureFolder(join(folder, "missing"))).toBe(false);
    expect(isCaptureFolder("-")).toBe(false);
  });
});

describe("openCaptureFolder()", () => {
  test("openCaptureFolder() begins a capture with each UTC day and compresses the one before", async () => {
    const folder = join(createFolder(), "captures");
    const sink = open(folder);
    takeSample(sink, midnightMs - 2 * secondMs);
    sink.status(midnightMs - secondMs, { source: "meminfo", error: "gone" });
    sink.status(midnightMs - secondMs, { source: "stat", error: "gone" });
    sink.status(midnightMs - secondMs, { source: "stat", error: null });
    takeSample(sink, midnightMs - secondMs);
    takeSample(sink, midnightMs);
    takeSample(sink, midnightMs + secondMs);
    const [closed, current] = ["web-01-20261125T235950Z.json.gz", "web-01-20261126T000000Z.json"];
    await expect.poll(() => listFiles(folder)).toEqual([closed, current]);
    await sink.close();
    expect(readdirSync(folder)).toEqual([closed, current]);
    expect(readKeys(join(folder, closed))).toEqual(["format", "t", "status", "status", "t"]);
    // What still fails is said again.
    expect(readKeys(join(folder, current))).toEqual(["format", "status", "t", "t"]);
  });

  test("openCaptureFolder() closes a capture that is full, and removes the oldest beyond the size", async () => {
    const folder = createFolder();
    const sink = open(folder, { rotateBytes: 4096, keepBytes: 40_000, daily: false });
    let largest = 0;
    for (let second = 0; second < 400; second += 1) {
      takeSample(sink, midnightMs + second * secondMs);
      await new Promise(setImmediate);
      const sizes = listFiles(folder).map((name) => {
        const stat = statSync(join(folder, name), { throwIfNoEntry: false });
        return stat?.size ?? 0;
      });
      largest = Math.max(largest, ...sizes);
    }
    const newest = listFiles(folder).at(-1);
    await expect
      .poll(() => listFiles(folder).filter((name) => !name.endsWith(".gz")))
      .toEqual([newest]);
    await sink.close();
    // A line more than the limit.
    expect(largest).toBeLessThan(4096 + 1024);
    const names = listFiles(folder);
    const bytes = names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(bytes).toBeLessThanOrEqual(40_000);
    expect(names.length).toBeGreaterThan(3);
    expect(names).not.toContain("web-01-20261125T235950Z.json.gz");
  });

  test("openCaptureFolder() removes captures of days beyond those that are kept", async () => {
    const folder = createFolder();
    const names = [20, 21, 22].map((day) => `web-01-202611${day}T000000Z.json.gz`);
    for (const name of names) writeFileSync(join(folder, name), gzipSync("{}\n"));
    const sink = open(folder, { keepDays: 3 });
    await expect
      .poll(() => listFiles(folder))
      .toEqual([...names.slice(1), "web-01-20261125T235950Z.json"]);
    await sink.close();
  });

  test("openCaptureFolder() goes on with a capture of the same day, and completes what a killed pcc began", async () => {
    const folder = createFolder();
    const first = open(folder);
    takeSample(first, midnightMs - 9 * secondMs);
    await first.close();
    const older = join(folder, "web-01-20261124T000000Z.json");
    writeFileSync(older, '{"t":1}\n{"t":');
    writeFileSync(`${older}.gz.partial`, "half");
    const complete = join(folder, "web-01-20261123T000000Z.json");
    writeFileSync(complete, "all\n");
    writeFileSync(`${complete}.gz`, gzipSync("all\n"));
    const second = open(folder, { timeMs: midnightMs - 5 * secondMs });
    await expect
      .poll(() => listFiles(folder))
      .toEqual([
        "web-01-20261123T000000Z.json.gz",
        "web-01-20261124T000000Z.json.gz",
        "web-01-20261125T235950Z.json",
      ]);
    await second.close();
    expect(gunzipSync(readFileSync(`${older}.gz`)).toString()).toBe('{"t":1}\n{"t":');
    expect(readKeys(join(folder, "web-01-20261125T235950Z.json"))).toEqual([
      "format",
      "t",
      "restart",
    ]);
  });

  test.each([
    ["of another day", { timeMs: midnightMs }, ""],
    ["that is full", { rotateBytes: 16 }, ""],
    ["whose complete .gz is there", {}, ".gz"],
  ])("openCaptureFolder() begins a new capture beside one %s", async (_, options, suffix) => {
    const folder = createFolder();
    const first = open(folder, { timeMs: midnightMs - 20 * secondMs });
    await first.close();
    const path = join(folder, "web-01-20261125T235940Z.json");
    if (suffix !== "") writeFileSync(`${path}${suffix}`, gzipSync(readFileSync(path)));
    const second = open(folder, options);
    await expect.poll(() => existsSync(path)).toBe(false);
    await second.close();
    expect(listFiles(folder)).toHaveLength(2);
    expect(readKeys(`${path}.gz`)).toEqual(["format"]);
  });

  test("openCaptureFolder() leaves what is no capture alone under its name, and says so", async () => {
    const folder = createFolder();
    writeFileSync(join(folder, "web-01-20261125T000000Z.json"), "Dear reader,\n");
    const messages: string[] = [];
    const sink = open(folder, { messages });
    takeSample(sink, midnightMs - secondMs);
    await sink.close();
    expect(messages[0]).toMatch(/line 1 is no capture's header.*; beginning a new capture$/);
    expect(readKeys(join(folder, "web-01-20261125T235950Z.json"))).toEqual(["format", "t"]);
  });

  test("openCaptureFolder() begins a capture where the last is another user's, and says so", async () => {
    const folder = createFolder();
    const others = join(folder, "web-01-20261125T200000Z.json");
    writeFileSync(others, "what root has sampled\n");
    const messages: string[] = [];
    const run = { pccVersion: "1", host: "a", machineId: "web-01", bootId: "a", intervalMs: 1000 };
    const openFile: CaptureFolderOptions["openFile"] = (path, devices) => {
      if (path === others) throw new ExitError(77, `Cannot write ${path}: EACCES`);
      return openCaptureWriter(path, { run, layout: devices, report: () => {} });
    };
    const sink = open(folder, { messages, openFile, daily: false });
    takeSample(sink, midnightMs - 5 * secondMs);
    await sink.close();
    expect(messages).toEqual([`Cannot write ${others}: EACCES; beginning a new capture`]);
    expect(readKeys(join(folder, "web-01-20261125T235950Z.json"))).toEqual(["format", "t"]);
  });

  test.skipIf(process.geteuid?.() !== 0)(
    "openCaptureFolder() of root leaves captures that the folder's user can go on with (as root)",
    async () => {
      const folder = createFolder();
      const serviceUser = 12_345;
      chownSync(folder, serviceUser, serviceUser);
      const sink = open(folder);
      takeSample(sink, midnightMs - secondMs);
      takeSample(sink, midnightMs);
      const [closed, current] = ["web-01-20261125T235950Z.json.gz", "web-01-20261126T000000Z.json"];
      await expect.poll(() => listFiles(folder)).toEqual([closed, current]);
      await sink.close();
      for (const file of [closed, current]) {
        expect(statSync(join(folder, file))).toMatchObject({ uid: serviceUser, gid: serviceUser });
      }
    },
  );

  test("openCaptureFolder() goes on with the capture before where it cannot begin another", async () => {
    const folder = createFolder();
    const messages: string[] = [];
    let full = false;
    const run = { pccVersion: "1", host: "h", machineId: "web-01", bootId: "a", intervalMs: 1 };
    const sink = open(folder, {
      messages,
      openFile(path, devices) {
        if (full) throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
        return openCaptureWriter(path, { run, layout: devices, report: () => {} });
      },
    });
    full = true;
    for (const second of [0, 1, 2]) takeSample(sink, midnightMs + second * secondMs);
    expect(messages).toEqual([expect.stringMatching(/^Cannot begin .*ENOSPC.*going on with/)]);
    full = false;
    takeSample(sink, midnightMs + 59 * secondMs);
    expect(listFiles(folder)).toEqual(["web-01-20261125T235950Z.json"]);
    takeSample(sink, midnightMs + 60 * secondMs);
    await sink.close();
    expect(listFiles(folder)).toHaveLength(2);
  });

  test("openCaptureFolder() refuses a folder that another process writes the machine's captures in", () => {
    const folder = createFolder();
    const first = open(folder);
    expect(() => open(folder)).toThrow(/is writing it \(web-01\.lock\)/);
    return first.close();
  });
});
