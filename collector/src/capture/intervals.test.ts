import { describe, expect, test } from "vitest";
import { createLayout, noDevices, offsetOf, type Sample } from "../sampling/layout.ts";
import { Intervals, type IntervalsOptions } from "./intervals.ts";
import { Rows } from "./rows.ts";

const layout = createLayout({ ...noDevices, interface: ["eth0"] });
const run = { bootId: "a", intervalMs: 1000 };

/** The tests' times count from here. */
const epochMs = 1_700_000_000_000;

function sampleAt(
  timeMs: number,
  contextSwitches: number,
  monotonicMs = timeMs - 1_000_000,
): Sample {
  const values = new Float64Array(layout.size).fill(Number.NaN);
  values[offsetOf(layout, "stat") + 1] = contextSwitches;
  return { timeMs: epochMs + timeMs, monotonicUs: monotonicMs * 1000, values };
}

function createRows(options: IntervalsOptions = {}): {
  rows: Rows;
  add: (sample: Sample) => number | null;
} {
  const rows = new Rows(options);
  rows.startRun(run);
  rows.setLayout(layout);
  return {
    rows,
    add: (sample) =>
      rows.add(sample) ? (rows.values[rows.columns.indexOf("context_switches")] ?? null) : null,
  };
}

describe("Rows", () => {
  test("Rows.add() gives a gap for the first sample and rates from the second on", () => {
    const { rows, add } = createRows();
    expect(add(sampleAt(5_000_900, 10))).toBeNaN();
    expect(rows.timestampS).toBe(epochMs / 1000 + 5000);
    expect(add(sampleAt(5_002_400, 40))).toBe(20);
    expect(rows.timestampS).toBe(epochMs / 1000 + 5002);
  });

  test("Rows.add() gives no second row for a second, but counts what it counted in the next", () => {
    const { add } = createRows();
    add(sampleAt(5_000_000, 10));
    expect(add(sampleAt(5_000_900, 20))).toBeNull();
    expect(add(sampleAt(5_002_000, 50))).toBe(20);
  });

  test("Rows.add() gives no row from before the last one until told that the clock was set back", () => {
    const { rows, add } = createRows();
    add(sampleAt(5_000_000, 10, 1000));
    expect(add(sampleAt(1_400_000, 20, 2000))).toBeNull();
    rows.allowEarlierTime();
    expect(add(sampleAt(1_401_000, 30, 3000))).toBe(10);
    expect(rows.timestampS).toBe(epochMs / 1000 + 1401);
  });

  test("Rows.add() gives a row from long before the last one where times may go back", () => {
    const { rows, add } = createRows({ mayGoBack: true });
    add(sampleAt(5_000_000, 10, 1000));
    expect(add(sampleAt(1_400_000, 20, 2000))).toBe(10);
    expect(rows.timestampS).toBe(epochMs / 1000 + 1400);
    expect(add(sampleAt(1_400_900, 25, 2900))).toBeNull();
    // As little as this is waited for.
    expect(add(sampleAt(1_341_000, 26, 3000))).toBeNull();
    expect(add(sampleAt(1_402_000, 32, 4000))).toBe(6);
    // Without a clock that nobody sets, nobody knows how much time passed.
    expect(add(sampleAt(1_300_000, 60, 1500))).toBeNaN();
  });

  test("Rows.add() gives no row of a clock that was never set, and goes on when it is", () => {
    const { add } = createRows();
    expect(add(sampleAt(-epochMs + 60_000, 10, 1000))).toBeNull();
    expect(add(sampleAt(Number.POSITIVE_INFINITY, 20, 2000))).toBeNull();
    expect(add(sampleAt(5_000_000, 30, 3000))).toBeNaN();
    expect(add(sampleAt(5_001_000, 40, 4000))).toBe(10);
  });

  test("Rows.startRun() goes on over a short restart of pcc within a boot", () => {
    const { rows, add } = createRows();
    add(sampleAt(5_000_000, 10));
    rows.startRun(run);
    expect(add(sampleAt(5_002_000, 30))).toBe(10);
  });

  test("Rows.startRun() goes on over the end of a longer interval", () => {
    const { rows, add } = createRows();
    rows.startRun({ ...run, intervalMs: 60_000 });
    add(sampleAt(5_000_000, 10));
    rows.startRun(run);
    expect(add(sampleAt(5_050_000, 60))).toBe(1);
    rows.startRun(run);
    expect(add(sampleAt(5_100_000, 110))).toBeNaN();
  });

  test.each([
    ["another boot", { ...run, bootId: "b" }, sampleAt(5_001_000, 30)],
    ["a long stop", run, sampleAt(5_002_100, 30)],
    ["a clock that does not go on", run, sampleAt(5_001_000, 30, 4_005_000)],
    ["an unknown boot", { ...run, bootId: null }, sampleAt(5_001_000, 30)],
  ])("Rows.startRun() gives a gap after %s", (_, next, sample) => {
    const { rows, add } = createRows();
    add(sampleAt(5_000_000, 10));
    rows.startRun(next);
    expect(add(sample)).toBeNaN();
    expect(add(sampleAt(sample.timeMs + 1000, 50, sample.monotonicUs / 1000 + 1000))).toBe(20);
  });

  test("Rows.setLayout() gives gaps for a new device only", () => {
    const { rows, add } = createRows();
    add(sampleAt(5_000_000, 10));
    const next = createLayout({ ...noDevices, interface: ["eth1", "eth0"] });
    rows.setLayout(next);
    const values = new Float64Array(next.size).fill(7);
    expect(rows.add({ timeMs: epochMs + 5_001_000, monotonicUs: 4_001_000_000, values })).toBe(
      true,
    );
    expect(rows.values[rows.columns.indexOf("net_eth1_rx_bytes")]).toBeNaN();
  });
});

test("Intervals.add() gives values before and after, and the seconds between", () => {
  const intervals = new Intervals();
  intervals.startRun(run);
  intervals.setLayout(layout);
  intervals.add(sampleAt(5_000_000, 10), ({ elapsedS }) => expect(elapsedS).toBeNaN());
  const used: number[] = [];
  intervals.add(sampleAt(5_001_500, 11), ({ before, after, elapsedS }) => {
    const at = offsetOf(layout, "stat") + 1;
    used.push(before[at] ?? -1, after[at] ?? -1, elapsedS);
  });
  expect(used).toEqual([10, 11, 1.5]);
});
