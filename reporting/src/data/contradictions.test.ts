import { expect, test } from "vitest";
import { countContradictions } from "./contradictions.ts";
import { orderRows } from "./order.ts";

const { order } = orderRows(Float64Array.of(3, 1, 2, 1, 3, 3));
const column = (values: number[], isMemory = false) => ({
  load: () => Float64Array.from(values),
  isMemory,
});

test("countContradictions() counts rows that say something else of a time than its first one", () => {
  const same = column([7, 5, 6, 5, 7, 7]);
  const other = column([7, 5, 6, 5, 8, 9]);
  expect(countContradictions(order, [same])).toEqual({ rows: 0, otherMemory: 0 });
  expect(countContradictions(order, [same, other])).toEqual({ rows: 2, otherMemory: 0 });
  const memory = column([16, 16, 16, 32, 32, 16], true);
  expect(countContradictions(order, [other, memory])).toEqual({ rows: 3, otherMemory: 2 });
});

test("countContradictions() takes a gap for no contradiction, but what fills it for the first", () => {
  expect(countContradictions(order, [column([NaN, 5, 6, NaN, 7, 7])]).rows).toBe(0);
  expect(countContradictions(order, [column([NaN, 5, 6, 5, 7, 8])]).rows).toBe(1);
});
