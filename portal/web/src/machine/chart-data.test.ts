import type { Series } from "@perfanalysis/contract/api";
import { expect, test } from "vitest";
import { lastMeasuredIndex, nearestIndex, toChartData } from "./chart-data.ts";

test("toChartData() keeps every hole a gap when samples come every bucket", () => {
  expect(means([1, 2, null, 4, 5])).toEqual([1, 2, null, 4, 5]);
});

test("toChartData() draws through the seconds between samples and keeps a longer absence a gap", () => {
  const values = [1, null, null, 2, null, null, 3, null, null, null, null, null, 4, null, null, 5];
  const through = undefined;
  expect(means(values)).toEqual([
    1,
    through,
    through,
    2,
    through,
    through,
    3,
    null,
    null,
    null,
    null,
    null,
    4,
    through,
    through,
    5,
  ]);
});

test("toChartData() keeps a gap of one column where the machine was sampled", () => {
  const data = toChartData(
    series({ busy: [1, null, 2, null, 3, null, 4], await: [9, null, null, null, 8, null, 7] }),
  );
  expect(data.columns.get("await")?.mean).toEqual([9, undefined, null, undefined, 8, undefined, 7]);
});

test("nearestIndex() finds the closest bucket", () => {
  expect(nearestIndex([], 5)).toBeNull();
  expect([0, 14, 15, 16, 99].map((timeS) => nearestIndex([10, 20, 30], timeS))).toEqual([
    0, 0, 1, 1, 2,
  ]);
});

test("lastMeasuredIndex() skips buckets without a sample", () => {
  expect(lastMeasuredIndex(toChartData(series({ a: [1, 2, null, null] })))).toBe(1);
  expect(lastMeasuredIndex(toChartData(series({ a: [null] })))).toBeNull();
});

function means(values: (number | null)[]) {
  return toChartData(series({ load1: values })).columns.get("load1")?.mean;
}

function series(columns: Record<string, (number | null)[]>): Series {
  const length = Math.max(...Object.values(columns).map((values) => values.length));
  return {
    machine_id: "web-01",
    timestamp_range: { start: "1970-01-01T00:00:00Z", end: "1970-01-01T00:01:00Z" },
    bucket_seconds: 1,
    resolution: "sample",
    time: Array.from({ length }, (_, index) => index),
    series: Object.entries(columns).map(([column, values]) => ({
      column,
      unit: "count",
      min: values,
      mean: values,
      max: values,
    })),
  };
}
