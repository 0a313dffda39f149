import { expect, test } from "vitest";
import { spearman } from "./spearman.ts";

const correlate = (a: number[], b: number[]) =>
  spearman(Float64Array.from(a), Float64Array.from(b));

test("spearman() is 1 where one side rises with the other, however", () => {
  expect(correlate([1, 2, 3, 4], [1, 10, 1e6, 1e9])).toBeCloseTo(1, 14);
});

test("spearman() shares the ranks of equal values", () => {
  // cor(c(1, 2, 2, 3, 3, 3), c(5, 1, 4, 4, 6, 2), method = "spearman")
  expect(correlate([1, 2, 2, 3, 3, 3], [5, 1, 4, 4, 6, 2])).toBeCloseTo(0.01565560727712874, 14);
});

test("spearman() uses the pairs of which both sides are measured, and ranks those alone", () => {
  expect(correlate([1, NaN, 2, 3, 9], [1, 5, NaN, 3, 2])).toBe(correlate([1, 3, 9], [1, 3, 2]));
});

test("spearman() is NaN where a side does not vary", () => {
  expect(correlate([4, 4, 4], [1, 2, 3])).toBeNaN();
  expect(() => correlate([1, 2], [1])).toThrow(RangeError);
});
