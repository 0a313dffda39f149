import { stackedChart } from "@perfanalysis/reporting/charts/stacked";
import { timeSeriesChart, type Series } from "@perfanalysis/reporting/charts/time-series";
import { expect, test } from "vitest";
import type { ChartData, ChartValue } from "./chart-data.ts";
import { toDrawing } from "./drawing.ts";
import { listMachinePanels } from "./panels.ts";

const nothing: ReadonlySet<string> = new Set();
const text = { id: "chart", title: "", description: "" };
// A flat stretch, a gap, a lone bucket, another gap, noise.
const busy = [20, 20, 20, null, 35, null, ...Array.from({ length: 60 }, (_, i) => (i * 37) % 90)];
const startS = 1_800_000_000;

test("toDrawing() draws the report's line and band of the same buckets", () => {
  const means = busy.map((value) => (value === null ? null : value * 1000));
  const drawing = toDrawing(panel("activity"), data(60, { context_switches: means }), nothing);
  const { svg } = timeSeriesChart({ ...text, unit: "1/s", series: [reportSeries(means)] });
  expect(drawing.marks.map(({ shape }) => shape)).toEqual(["band", "line"]);
  expect(drawing.marks.map(({ path }) => path)).toEqual(pathsOf(svg));
  expect(drawing.axis.ticks.length).toBeGreaterThan(3);
  for (const { text: label } of drawing.axis.ticks) expect(svg.toString()).toContain(`>${label}<`);
});

test("toDrawing() draws the report's stack of the same buckets", () => {
  const values = {
    cpu_user: busy,
    cpu_system: busy.map((_, index) => (index === 8 ? null : index % 10)),
    cpu_idle: busy.map((value) => (value === null ? null : 90 - value)),
  };
  const drawing = toDrawing(panel("cpu"), data(1, values), nothing);
  const { svg } = stackedChart({
    ...text,
    unit: "percent",
    span: { startS, bucketS: 1, length: busy.length },
    layers: [
      { label: "user", color: "blue", means: toValues(values.cpu_user) },
      { label: "system", color: "orange", means: toValues(values.cpu_system) },
    ],
    wholePercent: true,
  });
  expect(drawing.marks.map(({ shape }) => shape)).toEqual(["area", "area"]);
  expect(drawing.marks.map(({ path }) => path)).toEqual(pathsOf(svg));
  expect(drawing.axis.range).toEqual({ low: 0, high: 100 });
});

test("toDrawing() draws no band when every sample has a bucket of its own", () => {
  const drawing = toDrawing(panel("load"), data(1, { load1: [1, null, 3] }), nothing);
  expect(drawing.marks.map(({ shape, colour }) => [shape, colour])).toEqual([["line", 0]]);
  expect(drawing.marks[0]?.values).toEqual(Float64Array.of(1, NaN, 3));
});

test("toDrawing() keeps an empty band where buckets are of equal samples so far", () => {
  const flat = data(60, { load1: [2, 2] });
  const column = { min: [2, 2], mean: [2, 2], max: [2, 2] };
  const drawing = toDrawing(
    panel("load"),
    { ...flat, columns: new Map([["load1", column]]) },
    nothing,
  );
  expect(drawing.marks.map(({ shape, path }) => [shape, path === ""])).toEqual([
    ["band", true],
    ["line", false],
  ]);
});

test("toDrawing() draws straight through the time between two samples, and never through a gap", () => {
  const load1 = [0, undefined, 3, null, undefined, 5, undefined];
  const drawing = toDrawing(panel("load"), data(1, { load1 }), nothing);
  expect(drawing.marks[0]?.values).toEqual(Float64Array.of(0, 1.5, 3, NaN, NaN, 5, NaN));
  expect(drawing.marks[0]?.path).toBe("M0 400l2-240M4.5 0h1");
});

test("toDrawing() marks the highest total above a stack, unless a part of it is hidden", () => {
  const values = { cpu_user: [20, null], cpu_system: [10, 5], cpu_idle: [70, null] };
  const drawing = toDrawing(panel("cpu"), data(60, values), nothing);
  expect(drawing.marks.map(({ shape }) => shape)).toEqual(["area", "area", "peak"]);
  expect(drawing.marks[2]?.values).toEqual(Float64Array.of(31, NaN));
  const part = toDrawing(panel("cpu"), data(60, values), new Set(["cpu_user"]));
  expect(part.marks.map(({ shape, values: top }) => [shape, top])).toEqual([
    ["area", Float64Array.of(10, 5)],
  ]);
});

test("toDrawing() scales memory to what the machine has", () => {
  const gibibyte = 2 ** 30;
  const memory = data(1, { mem_used: [3 * gibibyte], mem_total: [11.5 * gibibyte] });
  const { axis } = toDrawing(panel("memory"), memory, nothing);
  expect([axis.range.high / gibibyte, axis.unitText]).toEqual([12, "GiB"]);
});

test("toDrawing() places a bucket amid its samples", () => {
  const load1 = [1, 2];
  expect(toDrawing(panel("load"), data(1, { load1 }), nothing).timesS).toEqual([
    startS,
    startS + 1,
  ]);
  expect(toDrawing(panel("load"), data(10, { load1 }), nothing).timesS).toEqual([
    startS + 4.5,
    startS + 14.5,
  ]);
});

function panel(id: "load" | "cpu" | "memory" | "activity") {
  const columns = {
    load: ["load1"],
    cpu: ["cpu_user", "cpu_system", "cpu_idle"],
    memory: ["mem_used", "mem_total"],
    activity: ["context_switches"],
  }[id];
  const found = listMachinePanels(columns).find((each) => each.id === id);
  if (found === undefined) throw new RangeError(`No panel ${id}`);
  return found;
}

/** Minimum and maximum lie 1 below and above the mean. */
function data(bucketS: number, means: Record<string, ChartValue[]>): ChartData {
  return {
    timesS: (Object.values(means)[0] ?? []).map((_, index) => startS + index * bucketS),
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

/** The same as `data()`, as the report has it. */
function reportSeries(means: ChartValue[]): Series {
  const values = toValues(means);
  return {
    label: "Context switches",
    color: "blue",
    buckets: {
      startS,
      bucketS: 60,
      count: Uint32Array.from(means, (value) => (typeof value === "number" ? 1 : 0)),
      min: values.map((value) => value - 1),
      max: values.map((value) => value + 1),
      sum: values.map((value) => (Number.isNaN(value) ? 0 : value)),
    },
  };
}

function toValues(means: readonly ChartValue[]): Float64Array {
  return Float64Array.from(means, (value) => value ?? NaN);
}

function pathsOf(svg: { toString(): string }): (string | undefined)[] {
  return [...svg.toString().matchAll(/<path [^>]* d="([^"]*)"/g)].map(([, path]) => path);
}
