import { expect, test } from "vitest";
import { normalQuantile } from "./normal-quantile.ts";

test.each([
  [0.5, 0],
  [0.975, 1.959963984540054],
  [0.025, -1.959963984540054],
  [0.9, 1.2815515655446004],
  [1e-20, -9.262340089798405],
])("normalQuantile() of %d is %d", (probability, expected) => {
  expect(normalQuantile(probability)).toBeCloseTo(expected, 13);
});

test("normalQuantile() of the ends is infinite, and outside of them there is none", () => {
  expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
  for (const outside of [-0.1, 1.1, NaN]) expect(() => normalQuantile(outside)).toThrow(RangeError);
});
