import { expect, test } from "vitest";
import { empiricalDistribution } from "./empirical-distribution.ts";

test("empiricalDistribution() gives for each value the share that is not above it", () => {
  const { values, shares } = empiricalDistribution(Float64Array.of(3, NaN, 1, 3, 2));
  expect([...values]).toEqual([1, 2, 3]);
  expect([...shares]).toEqual([0.25, 0.5, 1]);
});

test("empiricalDistribution() keeps exact points at even steps where there are many", () => {
  const given = Float64Array.from({ length: 10_000 }, (_, index) => (index * 7919) % 10_000);
  const { values, shares } = empiricalDistribution(given, { mostPoints: 100 });
  expect(values.length).toBeLessThanOrEqual(100);
  expect([values[0], values.at(-1), shares.at(-1)]).toEqual([0, 9999, 1]);
  for (const [index, value] of values.entries()) expect(shares[index]).toBe((value + 1) / 10_000);
});

test("empiricalDistribution() of gaps is empty", () => {
  expect(empiricalDistribution(Float64Array.of(NaN)).values).toHaveLength(0);
});
