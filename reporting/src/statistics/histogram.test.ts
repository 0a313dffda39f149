import { expect, test } from "vitest";
import { histogram } from "./histogram.ts";

const hundred = Float64Array.from({ length: 100 }, (_, index) => index);

test("histogram() counts between round edges, by the width of Freedman and Diaconis", () => {
  // 2·49.5 ÷ 100^⅓ = 21.3, rounded up to 50.
  const { edges, counts } = histogram(hundred);
  expect([...edges]).toEqual([0, 50, 100]);
  expect([...counts]).toEqual([50, 50]);
});

test("histogram() puts a value at an edge into the bin above, the largest into the last", () => {
  const values = Float64Array.from({ length: 88 }, (_, index) => (index % 11) / 10);
  const { edges, counts } = histogram(values);
  expect([...edges]).toEqual([0, 0.5, 1]);
  expect([...counts]).toEqual([40, 48]);
});

test("histogram() has edges at multiples of the unit that values are shown in", () => {
  const gibibyte = 2 ** 30;
  const { edges } = histogram(
    hundred.map((value) => value * gibibyte),
    { unit: gibibyte },
  );
  expect([...edges]).toEqual([0, 50 * gibibyte, 100 * gibibyte]);
});

test("histogram() of a long tail, or of values that are mostly alike, has no more bins than may be", () => {
  const tail = Float64Array.from({ length: 1000 }, (_, index) => (index === 0 ? 1e6 : index % 10));
  const alike = Float64Array.from({ length: 1000 }, (_, index) => (index < 3 ? 5e5 : 0));
  for (const values of [tail, alike]) {
    const { counts } = histogram(values, { mostBins: 40 });
    expect(counts.length).toBeLessThanOrEqual(40);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1000);
  }
});

test.each([
  [[7, 7, 7], [0, 10], 3],
  [[0, 0], [0, 1], 2],
  [[-7, NaN], [-10, 0], 1],
])("histogram() of %j has one bin %j", (values, edges, count) => {
  const result = histogram(Float64Array.from(values));
  expect([...result.edges]).toEqual(edges);
  expect([...result.counts]).toEqual([count]);
});

test("histogram() of gaps is empty", () => {
  const { edges, counts } = histogram(Float64Array.of(NaN));
  expect([edges.length, counts.length]).toEqual([0, 0]);
});
