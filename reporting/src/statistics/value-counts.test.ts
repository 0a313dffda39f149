import { expect, test } from "vitest";
import { countValues } from "./value-counts.ts";

test("countValues() counts by equal parts, what lies beyond apart, and no gaps", () => {
  const values = Float64Array.of(-1, 0, 0.5, 1, 2.5, NaN, 4, 4.1, 9);
  expect(countValues(values, { low: 0, high: 4, bins: 4 })).toEqual({
    counts: Uint32Array.of(2, 1, 1, 1),
    below: 1,
    above: 2,
  });
});
