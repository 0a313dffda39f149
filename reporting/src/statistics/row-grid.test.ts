import { expect, test } from "vitest";
import { addToBuckets, createBuckets, totalOf } from "./buckets.ts";
import { createRowGrid, toBuckets } from "./row-grid.ts";

test("toBuckets() of a grid gives what addToBuckets() gives, with gaps, empty buckets and rows outside of the span", () => {
  const times = Float64Array.from(
    [1, 5, 10, 11, 12, 19.5, 20, 47, 48, 60, 61],
    (second) => 100 + second,
  );
  const values = Float64Array.of(1, 2, NaN, 4, -5, 6, 7, NaN, NaN, 10, 11);
  const span = { startS: 105, bucketS: 5, length: 11 };
  const expected = createBuckets(span.startS, span.bucketS, span.length);
  addToBuckets(expected, times, values);
  const grid = createRowGrid(times, span);
  expect([...grid.starts]).toEqual([1, 2, 5, 6, 7, 7, 7, 7, 7, 9, 9, 9]);
  expect(toBuckets(grid, values)).toEqual(expected);
  expect(totalOf(expected)).toEqual({ count: 5, sum: 14, min: -5, max: 7 });
});

test("totalOf() nothing is nothing", () => {
  expect(totalOf(createBuckets(0, 1, 3))).toEqual({
    count: 0,
    sum: 0,
    min: Infinity,
    max: -Infinity,
  });
});
