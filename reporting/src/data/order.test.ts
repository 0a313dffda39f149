import { expect, test } from "vitest";
import { countMisplaced, mergeRows, orderRows } from "./order.ts";

test("orderRows() sorts times and leaves out repetitions; mergeRows() brings values along", () => {
  const { timestampsS, order } = orderRows(Float64Array.of(1, 4, 2, 3, 2));
  expect([...timestampsS]).toEqual([1, 2, 3, 4]);
  expect([...mergeRows(Float64Array.of(10, 40, 20, 30, 21), order)]).toEqual([10, 20, 30, 40]);
});

test("mergeRows() keeps the first value of a time, and fills its gaps from later ones", () => {
  const { order } = orderRows(Float64Array.of(2, 1, 2, 2, 1));
  expect([...mergeRows(Float64Array.of(NaN, 8, 5, 6, 9), order)]).toEqual([8, 5]);
  expect([...mergeRows(Float64Array.of(1, NaN, 2, 3, NaN), order)]).toEqual([NaN, 1]);
});

test.each<[string, number[], number]>([
  ["none of rows in order, some at one time", [1, 2, 2, 3], 0],
  ["one of two rows that changed places", [1, 3, 2, 4, 5, 6], 1],
  ["one row of the end that stands at the front", [9, 1, 2, 3, 4, 5], 1],
  ["one row of the front that stands at the end", [2, 3, 4, 5, 1], 1],
  ["all that a clock set back wrote again", [1, 2, 3, 4, 5, 3, 4], 2],
])("countMisplaced() counts %s", (_, times, count) => {
  expect(countMisplaced(Float64Array.from(times))).toBe(count);
});
