import * as fc from "fast-check";
import { expect, test } from "vitest";
import { medianAbsoluteDeviation } from "./median-absolute-deviation.ts";
import { percentiles } from "./percentiles.ts";

test.each([
  [[1, 1, 2, 2, 4, 6, 9], 1],
  [[1, 2, 3, 4], 1],
  [[5], 0],
  [[0, 0, 0, 0, 1e12], 0],
  [[NaN, 3, NaN, 5, 9], 2],
])("medianAbsoluteDeviation() of %j is %d", (values, expected) => {
  expect(medianAbsoluteDeviation(Float64Array.from(values))).toBe(expected);
});

test("medianAbsoluteDeviation() gives NaN when nothing was measured", () => {
  expect(medianAbsoluteDeviation(Float64Array.of(NaN))).toBeNaN();
  expect(medianAbsoluteDeviation(new Float64Array())).toBeNaN();
});

test("medianAbsoluteDeviation() equals sorting all distances, for any values, many of them alike", () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 3 }),
    fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
    fc.constant(NaN),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 900, size: "max" }), (list) => {
      const values = Float64Array.from(list);
      const [median = NaN] = percentiles(values, [0.5]);
      const distances = values.map((one) => Math.abs(one - median));
      expect(medianAbsoluteDeviation(values)).toBe(percentiles(distances, [0.5])[0]);
    }),
    { numRuns: 300 },
  );
});
