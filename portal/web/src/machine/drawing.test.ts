import { expect, test } from "vitest";
import type { ChartData, ChartValue } from "./chart-data.ts";
import { toDrawing } from "./drawing.ts";
import { listMachinePanels } from "./panels.ts";

const nothing: ReadonlySet<string> = new Set();

test("toDrawing() draws mean lines alone when every sample has a bucket of its own", () => {
  const drawing = toDrawing(panel("load"), data(1, { load1: [1, null, 3] }), nothing);
  expect(drawing.lines).toEqual([{ values: [1, null, 3], colour: 0, look: "mean" }]);
  expect(drawing.bands).toEqual([]);
});

test("toDrawing() adds the band of minimum and maximum when buckets hold several samples", () => {
  const drawing = toDrawing(panel("load"), data(60, { load1: [2] }), nothing);
  expect(drawing.lines.map(({ values, look }) => [look, values[0]])).toEqual([
    ["edge", 3],
    ["edge", 1],
    ["mean", 2],
  ]);
  expect(drawing.bands).toEqual([{ upper: 0, lower: 1, colour: 0, look: "range" }]);
});

test("toDrawing() stacks the CPU's modes and marks the highest total", () => {
  const values = { cpu_user: [20, null], cpu_system: [10, 5], cpu_idle: [70, null] };
  const drawing = toDrawing(panel("cpu"), data(60, values), nothing);
  expect(drawing.lines.map(({ values: drawn }) => drawn)).toEqual([
    [20, null],
    [30, null],
    [31, null],
  ]);
  expect(drawing.lines.map(({ look }) => look)).toEqual(["stacked", "stacked", "peak"]);
  expect(drawing.bands).toEqual([{ upper: 1, lower: 0, colour: 3, look: "stacked" }]);
  expect(drawing.max).toBe(100);
});

test("toDrawing() leaves out hidden lines, and with them the total that they are part of", () => {
  const values = { cpu_user: [20], cpu_system: [10], cpu_idle: [70] };
  const drawing = toDrawing(panel("cpu"), data(60, values), new Set(["cpu_user"]));
  expect(drawing.lines).toEqual([{ values: [10], colour: 3, look: "stacked" }]);
});

test("toDrawing() scales memory to what the machine has", () => {
  const drawing = toDrawing(panel("memory"), data(1, { mem_used: [3], mem_total: [8] }), nothing);
  expect(drawing.max).toBe(9);
});

function panel(id: string) {
  const columns = {
    load: ["load1"],
    cpu: ["cpu_user", "cpu_system", "cpu_idle"],
    memory: ["mem_used", "mem_total"],
  }[id];
  const found = listMachinePanels(columns ?? []).find((each) => each.id === id);
  if (found === undefined) throw new RangeError(`No panel ${id}`);
  return found;
}

/** Minimum and maximum lie 1 below and above the mean. */
function data(bucketS: number, means: Record<string, ChartValue[]>): ChartData {
  return {
    timesS: (Object.values(means)[0] ?? []).map((_, index) => index * bucketS),
    bucketS,
    columns: new Map(
      Object.entries(means).map(([column, mean]) => [
        column,
        { min: shift(mean, -1), mean, max: shift(mean, 1) },
      ]),
    ),
  };
}

function shift(values: ChartValue[], by: number): ChartValue[] {
  return values.map((value) => (typeof value === "number" ? value + by : value));
}
