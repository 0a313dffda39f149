import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { percentiles } from "./percentiles.ts";

const probabilities = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 1];

/** Definition 7 in the plainest way, as a second opinion. */
function bySorting(values: number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return probabilities.map((probability) => {
    const rank = (sorted.length - 1) * probability;
    const below = sorted[Math.floor(rank)] ?? NaN;
    const above = sorted[Math.ceil(rank)] ?? NaN;
    return below + (above - below) * (rank - Math.floor(rank));
  });
}

describe("percentiles()", () => {
  test("percentiles() equals R's quantile(type = 7)", () => {
    // quantile(c(15, 20, 35, 40, 50), c(0.05, 0.3, 0.4, 0.5, 1), type = 7)
    const values = Float64Array.of(50, 15, 40, 20, 35);
    const result = percentiles(values, [0.05, 0.3, 0.4, 0.5, 1]);
    for (const [index, expected] of [16, 23, 29, 35, 50].entries()) {
      expect(result[index]).toBeCloseTo(expected, 12);
    }
  });

  test("percentiles() answers in the order of the probabilities and leaves the values as they are", () => {
    const values = Float64Array.of(3, 1, 2);
    expect(percentiles(values, [1, 0, 0.5])).toEqual([3, 1, 2]);
    expect([...values]).toEqual([3, 1, 2]);
  });

  test.each<[string, (index: number) => number]>([
    ["even", (index) => (index * 7919) % 30_011],
    ["skewed", (index) => 1 / (1 + ((index * 7919) % 30_011))],
    ["of few values", (index) => (index * 7919) % 3],
    ["of one value and a far one", (index) => (index === 7 ? 1e15 : 3)],
    ["nearly equal", (index) => 1e9 + ((index * 7919) % 30_011) / 1e6],
  ])("percentiles() gives the same of values so many that they are counted, %s", (_, value) => {
    const values = Array.from({ length: 30_011 }, (__, index) => value(index));
    expect(percentiles(Float64Array.from(values), probabilities)).toEqual(bySorting(values));
  });

  test("percentiles() ignores gaps", () => {
    expect(percentiles(Float64Array.of(NaN, 1, NaN, 3, NaN), [0, 0.5, 1])).toEqual([1, 2, 3]);
  });

  test("percentiles() gives NaN when nothing was measured", () => {
    expect(percentiles(Float64Array.of(NaN), [0.5])).toEqual([NaN]);
    expect(percentiles(new Float64Array(), [0.5, 1])).toEqual([NaN, NaN]);
  });

  test("percentiles() of a single value is that value", () => {
    expect(percentiles(Float64Array.of(7), [0, 0.3, 1])).toEqual([7, 7, 7]);
  });

  test.each([-0.1, 1.1, NaN, 95])("percentiles() refuses the probability %s", (probability) => {
    expect(() => percentiles(Float64Array.of(1), [probability])).toThrow(RangeError);
  });

  test("percentiles() equals sorting for any values, many of them alike", () => {
    const value = fc.oneof(
      fc.integer({ min: 0, max: 3 }),
      fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 3000, size: "max" }), (values) => {
        expect(percentiles(Float64Array.from(values), probabilities)).toEqual(bySorting(values));
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ["ascending", (index: number) => index],
    ["descending", (index: number) => -index],
    ["all alike", () => 42],
    ["organ pipe", (index: number) => Math.min(index, 50_000 - index)],
    ["saw tooth", (index: number) => index % 7],
  ])("percentiles() equals sorting for 50,000 values: %s", (_name, valueAt) => {
    const values = Array.from({ length: 50_000 }, (_, index) => valueAt(index));
    expect(percentiles(Float64Array.from(values), probabilities)).toEqual(bySorting(values));
  });
});
