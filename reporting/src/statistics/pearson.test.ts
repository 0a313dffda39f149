import { expect, test } from "vitest";
import { pearson } from "./pearson.ts";

const correlate = (a: number[], b: number[]) => pearson(Float64Array.from(a), Float64Array.from(b));

test("pearson() is 1 or −1 where one side is a line of the other", () => {
  expect(correlate([1, 2, 3, 4], [10, 20, 30, 40])).toBeCloseTo(1, 14);
  expect(correlate([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1, 14);
});

test("pearson() equals R's cor()", () => {
  // cor(c(1, 2, 3, 4, 5), c(2, 1, 4, 3, 7))
  expect(correlate([1, 2, 3, 4, 5], [2, 1, 4, 3, 7])).toBeCloseTo(0.824163383692134, 14);
});

test("pearson() uses the pairs of which both sides are measured", () => {
  expect(correlate([1, NaN, 2, 3], [1, 5, NaN, 3])).toBeCloseTo(1, 14);
});

test.each([
  [[1], [2]],
  [
    [1, NaN],
    [NaN, 2],
  ],
  [
    [0.1, 0.1, 0.1],
    [1, 2, 3],
  ],
  [
    [1, 2, 3],
    [0.1, 0.1, 0.1],
  ],
  [[], []],
])("pearson() of %j and %j is NaN: a side does not vary", (a, b) => {
  expect(correlate(a, b)).toBeNaN();
});

test("pearson() refuses sides of unequal length", () => {
  expect(() => correlate([1, 2], [1])).toThrow(RangeError);
});
