import { expect, test } from "vitest";
import { cliffsDelta, sizeOf } from "./effect.ts";

const numbers = (...values: number[]) => Float64Array.from(values);

// By hand: of nine pairs.
test.each([
  [numbers(1, 2, 3), numbers(4, 5, 6), 1],
  [numbers(4, 5, 6), numbers(1, 2, 3), -1],
  [numbers(1, 2, 3), numbers(1, 2, 3), 0],
  [numbers(1, 2, 3), numbers(2, 3, 4), 5 / 9],
  [numbers(1, 1, 2), numbers(1, 2, 2), 1 / 3],
  [numbers(NaN, 1, 2, 3), numbers(4, NaN, 5, 6), 1],
])("cliffsDelta() of %j and %j is %d", (before, after, expected) => {
  expect(cliffsDelta(before, after)).toBeCloseTo(expected, 12);
});

test("cliffsDelta() of a series without values is a gap", () => {
  expect(cliffsDelta(numbers(), numbers(1))).toBeNaN();
  expect(cliffsDelta(numbers(1), numbers(NaN))).toBeNaN();
});

test("cliffsDelta() takes values of a long series evenly", () => {
  const rising = Float64Array.from({ length: 1_000_000 }, (_, at) => at);
  expect(
    cliffsDelta(
      rising,
      rising.map((value) => value + 500_000),
    ),
  ).toBeCloseTo(0.75, 3);
});

test("sizeOf() names an effect by its published limits", () => {
  expect([0.1, -0.147, 0.33, -0.474, 1].map(sizeOf)).toEqual([
    "negligible",
    "small",
    "medium",
    "large",
    "large",
  ]);
});
