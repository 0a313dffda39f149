import * as fc from "fast-check";
import { expect, test } from "vitest";
import { histogram, mergeBins } from "./histogram.ts";

test("histogram() counts by equal parts, what lies beyond apart, and no gaps", () => {
  const values = Float64Array.of(-1, 0, 0.5, 1, 2.5, NaN, 4, 4.1, 9);
  expect(histogram(values, { low: 0, high: 4, bins: 4 })).toEqual({
    edges: Float64Array.of(0, 1, 2, 3, 4),
    counts: Uint32Array.of(2, 1, 1, 1),
    below: 1,
    above: 2,
  });
});

test("histogram() puts each value between its edges, wherever a product rounds across one", () => {
  const anything = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(
      anything,
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      fc.integer({ min: 1, max: 99 }),
      (low, width, bins) => {
        const range = { low, high: low + width, bins };
        const { edges } = histogram(new Float64Array(), range);
        // The edges themselves are where it is hard.
        const { counts } = histogram(edges, range);
        const expected = counts.map((_, bin) => (bin === bins - 1 ? 2 : 1));
        expect([...counts]).toEqual([...expected]);
      },
    ),
  );
});

test.each([
  [1, 1, 4],
  [0, NaN, 4],
  [0, 1, 0],
  [0, 1, 1.5],
])("histogram() refuses the range %d … %d by %d", (low, high, bins) => {
  expect(() => histogram(Float64Array.of(0), { low, high, bins })).toThrow(/^Cannot count values/);
});

test("mergeBins() counts as wider bins would", () => {
  const values = Float64Array.from({ length: 1000 }, (_, index) => (index * 7919) % 997);
  const fine = histogram(values, { low: 0, high: 1000, bins: 64 });
  expect(mergeBins(fine, 16)).toEqual(histogram(values, { low: 0, high: 1000, bins: 4 }));
});
