import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { createLayout, noDevices } from "../sampling/layout.ts";
import { testRun } from "../testing/run.ts";
import type { Statistics } from "./statistics.ts";
import { openCaptureWriter, type SampleSink } from "./write.ts";

const layout = createLayout({ ...noDevices, cpu: ["cpu"] });

function open(path: string, messages: string[] = [], machineId = "web-01"): SampleSink {
  return openCaptureWriter(path, {
    run: { ...testRun, machineId },
    layout,
    report: (message) => messages.push(message),
  });
}

function sample(timeMs: number): Parameters<SampleSink["sample"]>[0] {
  return { timeMs, monotonicUs: timeMs * 1000, values: new Float64Array(layout.size).fill(1) };
}

const columns = ["load1"];

function statistics(timeMs: number): Statistics {
  return {
    timeMs,
    columns,
    samples: 60,
    missed: 2,
    min: Float64Array.of(Number.NaN),
    mean: Float64Array.of(1.5),
    max: Float64Array.of(2),
  };
}

function readKeys(path: string): string[] {
  return readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => Object.keys(JSON.parse(line) as object)[0] ?? "");
}

describe("openCaptureWriter()", () => {
  test("openCaptureWriter() writes header, records and samples in order", async () => {
    const path = join(createFolder(), "capture");
    const writer = open(path);
    writer.sample(sample(1000));
    writer.tick({ timeMs: 5000, monotonicUs: 0, missedTicks: 3, clockStepMs: -500 });
    writer.status(5000, { source: "meminfo", error: "gone" });
    writer.layout(layout);
    writer.sample(sample(5000));
    await writer.close();
    expect(readKeys(path)).toEqual(["format", "t", "clock", "gap", "status", "devices", "t"]);
  });

  test("openCaptureWriter() cuts a torn line and goes on with a restart", async () => {
    const path = join(createFolder(), "capture");
    const writer = open(path);
    writer.sample(sample(1000));
    await writer.close();
    const whole = readFileSync(path, "utf8");
    writeFileSync(path, `${whole}{"t":17000000`);
    const messages: string[] = [];
    const next = open(path, messages);
    next.sample(sample(2000));
    await next.close();
    expect(readFileSync(path, "utf8").startsWith(whole)).toBe(true);
    expect(readKeys(path)).toEqual(["format", "t", "restart", "t"]);
    expect(messages).toEqual([`${path}: cut off a torn last line of 13 bytes`]);
  });

  test("openCaptureWriter() begins anew where a killed writer left nothing but a piece of its header", async () => {
    const path = join(createFolder(), "capture");
    for (const piece of [
      "{",
      '{"format":"perfanalysis-c',
      '{"format":"perfanalysis-capture","version":1,"pcc',
    ]) {
      writeFileSync(path, piece);
      const writer = open(path);
      await writer.close();
      expect(readKeys(path)).toEqual(["format"]);
    }
  });

  test.each([
    "Dear reader,\n",
    "Dear",
    '{"timestamp":1,"subsystem":"x","measurement":""}\n',
    "[]\n",
  ])("openCaptureWriter() refuses to append to a file with %j and leaves it alone", (content) => {
    const path = join(createFolder(), "capture");
    writeFileSync(path, content);
    expect(() => open(path)).toThrow(`Cannot append to ${path}: line 1 is no capture's header`);
    expect(readFileSync(path, "utf8")).toBe(content);
  });

  test("openCaptureWriter() refuses another machine's capture", async () => {
    const path = join(createFolder(), "capture");
    await open(path).close();
    expect(() => open(path, [], "db-01")).toThrow(
      'it holds samples of machine "web-01", this is "db-01"',
    );
  });

  test("openCaptureWriter() survives a full disk: no half line, and the lost samples are a gap", async (context) => {
    const folder = mountSmallDisk(48);
    if (folder === null) {
      context.skip("only root can mount a small disk");
      return;
    }
    const path = join(folder, "capture");
    const messages: string[] = [];
    const writer = open(path, messages);
    let second = 0;
    while (messages.length === 0) writer.sample(sample(++second * 1000));
    writer.sample(sample(++second * 1000));
    expect(messages[0]).toContain("ENOSPC");
    const full = readFileSync(path, "utf8");
    expect(full.endsWith("\n")).toBe(true);
    expect(readKeys(path)).toHaveLength(second - 1);
    execFileSync("mount", ["-o", "remount,size=1m", folder]);
    writer.sample(sample(++second * 1000));
    await writer.close();
    expect(readFileSync(path, "utf8").startsWith(full)).toBe(true);
    expect(readKeys(path).slice(-2)).toEqual(["gap", "t"]);
    expect(readFileSync(path, "utf8")).toContain(`{"gap":{"t":${second * 1000},"missed":2}}`);
    expect(messages[1]).toBe(`${path}: writing again; 2 samples were lost`);
  });

  test("openCaptureWriter() keeps no more than the last word of what a full disk has no room for", async (context) => {
    const folder = mountSmallDisk(48);
    if (folder === null) {
      context.skip("only root can mount a small disk");
      return;
    }
    const path = join(folder, "capture");
    const messages: string[] = [];
    const writer = open(path, messages);
    let second = 0;
    while (messages.length === 0) writer.sample(sample(++second * 1000));
    const whole = readKeys(path).length;
    const lost = 1000;
    for (let at = 0; at < lost; at += 1) {
      const timeMs = ++second * 1000;
      writer.tick({ timeMs, monotonicUs: 0, missedTicks: 1, clockStepMs: 1000 });
      writer.status(timeMs, { source: "meminfo", error: at % 2 === 0 ? "gone" : null });
      writer.layout(layout);
      writer.statistics?.(statistics(timeMs));
      writer.sample(sample(timeMs));
    }
    execFileSync("mount", ["-o", "remount,size=1m", folder]);
    const timeMs = ++second * 1000;
    writer.statistics?.(statistics(timeMs));
    writer.sample(sample(timeMs));
    await writer.close();
    const keys = readKeys(path).slice(whole);
    expect(keys).toEqual(["clock", "gap", "status", "devices", "columns", "statistics", "t"]);
    const text = readFileSync(path, "utf8");
    expect(text).toContain(`"step_ms":${lost * 1000}}`);
    expect(text).toContain(`"missed":${2 * lost + 1}}`);
    expect(text).toContain('"source":"meminfo","error":null}');
  });

  test("openCaptureWriter() writes statistics before their sample, and their columns once", async () => {
    const path = join(createFolder(), "capture");
    const writer = open(path);
    for (const timeMs of [1000, 2000]) {
      writer.statistics?.(statistics(timeMs));
      writer.sample(sample(timeMs));
    }
    writer.sample(sample(3000));
    writer.statistics?.({ ...statistics(4000), columns: ["load5"] });
    writer.sample(sample(4000));
    await writer.close();
    const keys = readKeys(path);
    expect(keys.slice(0, 6)).toEqual(["format", "columns", "statistics", "t", "statistics", "t"]);
    expect(keys.slice(6)).toEqual(["t", "columns", "statistics", "t"]);
    expect(readFileSync(path, "utf8")).toContain(
      '{"statistics":{"t":1000,"samples":60,"missed":2,"min":[null],"mean":[1.5],"max":[2]}}\n',
    );
  });

  test("openCaptureWriter() fails at once where nothing can be written", () => {
    expect(() => open("/dev/full")).toThrow("ENOSPC");
  });
});

/** A folder on a disk of its own with so many KiB; null where that is not allowed. */
function mountSmallDisk(kib: number): string | null {
  const folder = createFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kib}k`, "tmpfs", folder], {
      stdio: "ignore",
    });
  } catch {
    return null;
  }
  onTestFinished(() => {
    execFileSync("umount", [folder]);
  });
  return folder;
}
