import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { createLayout, noDevices, offsetOf, type Devices } from "../sampling/layout.ts";
import { convertRows, type ConvertedRows } from "../testing/convert-rows.ts";
import { testRun } from "../testing/run.ts";
import { createSampleEncoder } from "./encode.ts";
import { createRunHeader, renderRecord } from "./format.ts";
import type { ConvertOptions } from "./convert-options.ts";

const devices: Devices = { ...noDevices, cpu: ["cpu"], disk: ["sda"] };
const startS = 1_700_000_000;

function renderHeader(bootId = "a", of: Devices = devices): string {
  const header = createRunHeader({ ...testRun, bootId, devices: of });
  return renderRecord({ kind: "header", header });
}

/** A sample whose counters grow by 10 a second; its load is its second. */
function renderSample(second: number, of: Devices = devices, aheadS = 0): string {
  const layout = createLayout(of);
  const values = new Float64Array(layout.size).fill(second * 10);
  values[offsetOf(layout, "loadavg")] = second;
  const timeMs = (startS + second + aheadS) * 1000;
  return createSampleEncoder(layout)({ timeMs, monotonicUs: second * 1e6, values }).toString();
}

function renderCapture(seconds: number[], bootId?: string, of?: Devices): string {
  return renderHeader(bootId, of) + seconds.map((second) => renderSample(second, of)).join("");
}

function listSeconds(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function convert(
  contents: (string | Buffer)[],
  options: Partial<ConvertOptions> = {},
): Promise<ConvertedRows> {
  const folder = createFolder();
  const inputs = contents.map((content, index) => {
    const path = join(folder, `${index}`);
    writeFileSync(path, content);
    return { name: `input ${index}`, path };
  });
  return convertRows(inputs, options);
}

/** Seconds, loads and rates of the rows. */
function toCells(rows: Record<string, string>[]): [number, string, string][] {
  return rows.map((row) => [
    Number(row["timestamp"]) - startS,
    row["load1"] ?? "",
    row["context_switches"] ?? "",
  ]);
}

const whole = renderCapture(listSeconds(1, 40));

describe("convertToCsv() of several captures", () => {
  test("convertToCsv() makes the same CSV of a capture and of the pieces that it was rotated into, in any order", async () => {
    const expected = await convert([whole]);
    const pieces = [
      renderCapture(listSeconds(31, 40)),
      gzipSync(renderCapture(listSeconds(1, 15))),
      renderCapture(listSeconds(16, 30)),
    ];
    const { rows, summary } = await convert(pieces);
    expect(rows).toEqual(expected.rows);
    expect(summary).toMatchObject({ rows: 40, mergedSamples: 0 });
    expect(toCells(rows).slice(14, 17)).toEqual([
      [15, "15", "10"],
      [16, "16", "10"],
      [17, "17", "10"],
    ]);
  });

  test("convertToCsv() drops what captures have twice, however they overlap", async () => {
    const expected = await convert([whole]);
    for (const pieces of [
      [whole, whole],
      [renderCapture(listSeconds(1, 25)), renderCapture(listSeconds(20, 40))],
      [whole, renderCapture(listSeconds(10, 20))],
    ]) {
      const { rows, summary } = await convert(pieces);
      expect(rows).toEqual(expected.rows);
      expect(summary.mergedSamples).toBeGreaterThan(0);
    }
  });

  test("convertToCsv() fills a capture's gap from another that has it", async () => {
    const outer = renderCapture([...listSeconds(1, 10), ...listSeconds(31, 40)]);
    const { rows } = await convert([outer, renderCapture(listSeconds(11, 30))]);
    expect(toCells(rows).map(([second]) => second)).toEqual(listSeconds(1, 40));
    // The first sample of a capture that begins within another has nothing before it.
    expect(toCells(rows)[10]).toEqual([11, "11", ""]);
    // The other's counters grew over its gap by as much a second.
    expect(toCells(rows)[30]).toEqual([31, "31", "10"]);
  });

  test("convertToCsv() puts columns of one second together", async () => {
    const sdb = { ...devices, disk: ["sdb"] };
    const { rows } = await convert([
      renderCapture(listSeconds(1, 3)),
      renderCapture(listSeconds(1, 3), "a", sdb),
    ]);
    expect(rows).toHaveLength(3);
    expect(rows[1]).toMatchObject({ disk_sda_reads: "10", disk_sdb_reads: "10", load1: "2" });
  });

  test("convertToCsv() reads inputs that overlap piece by piece: memory has room for a part of each", async () => {
    // Some megabytes each, so that both have many pieces.
    const disk = Array.from({ length: 200 }, (_, index) => `sd${index}`);
    const many = { ...devices, disk };
    const odd = listSeconds(1, 600).filter((second) => second % 2 === 1);
    const even = odd.map((second) => second + 1);
    const { rows } = await convert([renderCapture(odd, "a", many), renderCapture(even, "b", many)]);
    expect(toCells(rows).map(([second]) => second)).toEqual(listSeconds(1, 600));
    expect(
      toCells(rows)
        .slice(2)
        .every(([, , rate]) => rate === "10"),
    ).toBe(true);
  });

  test("convertToCsv() ends with the error of one of several inputs, and leaves nothing behind", async () => {
    const damaged = whole.replace('{"t":1700000030', '{"t":x1700000030');
    await expect(convert([whole, damaged])).rejects.toThrow(
      "Cannot read input 1: line 31: column 6: expected a number",
    );
  });
});

describe("convertToCsv() of a part of the time", () => {
  test("convertToCsv() takes rows from one time to another, whose rates know what was before", async () => {
    const { rows, summary } = await convert([whole], {
      from: { kind: "unix", unixS: startS + 10 },
      to: { kind: "unix", unixS: startS + 12 },
    });
    expect(toCells(rows)).toEqual([
      [10, "10", "10"],
      [11, "11", "10"],
      [12, "12", "10"],
    ]);
    expect(summary.outside?.rows).toBe(37);
  });

  test("convertToCsv() counts from the last sample of all inputs", async () => {
    const pieces = [renderCapture(listSeconds(1, 15)), renderCapture(listSeconds(16, 40))];
    const from = { kind: "beforeEnd", seconds: 30 } as const;
    const { rows } = await convert(pieces, { from });
    expect(toCells(rows)[0]).toEqual([10, "10", "10"]);
    expect(rows).toHaveLength(31);
  });

  test("convertToCsv() loses no row where the clock was set back far, in one capture or several, and tells how often", async () => {
    const yearS = 365 * 86_400;
    /** As if the clock had been ahead until the sixth second. */
    const early = listSeconds(1, 5).map((second) => renderSample(second, devices, yearS));
    const late = (from: number, to: number): string =>
      listSeconds(from, to)
        .map((second) => renderSample(second))
        .join("");
    const setBack = `${renderHeader()}${early.join("")}${late(6, 20)}`;
    const seconds = [...listSeconds(1, 5).map((second) => second + yearS), ...listSeconds(6, 20)];
    const one = await convert([setBack]);
    expect(toCells(one.rows).map(([second]) => second)).toEqual(seconds);
    // The time that really passed is told by another clock.
    expect(toCells(one.rows).map(([, , rate]) => rate)).toEqual([
      "",
      ...seconds.slice(1).map(() => "10"),
    ]);
    expect(one.summary).toMatchObject({
      rows: 20,
      timesBack: 1,
      mergedSamples: 0,
      startS: startS + 6,
      endS: startS + yearS + 5,
    });
    const { rows, summary } = await convert([setBack, renderHeader() + late(21, 30)]);
    expect(
      toCells(rows)
        .map(([second]) => second)
        .toSorted((a, b) => a - b),
    ).toEqual([...listSeconds(6, 30), ...seconds.slice(0, 5)]);
    expect(summary).toMatchObject({ rows: 30, timesBack: 1 });
    const minutes = await convert([setBack], { intervalS: 10 });
    expect(toCells(minutes.rows).map(([, load]) => load)).toEqual(["3", "8", "15.5"]);
    expect((await convert([whole])).summary.timesBack).toBe(0);
  });

  test("convertToCsv() gives fewer rows, with the mean of each interval", async () => {
    const { rows, summary } = await convert([whole], {
      intervalS: 20,
      from: { kind: "unix", unixS: startS },
    });
    expect(toCells(rows)).toEqual([
      [20, "10.5", "10"],
      [40, "30.5", "10"],
    ]);
    expect(summary).toMatchObject({ rows: 2, mergedSamples: 0 });
  });
});
