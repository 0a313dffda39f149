import { expect, test } from "vitest";
import { empiricalDistribution } from "./empirical-distribution.ts";
import { histogram } from "./histogram.ts";

test("empiricalDistribution() gives the share of all values below each edge, and up to the last", () => {
  const values = Float64Array.of(-5, 0, 1, 1, NaN, 2, 4, 9, 9);
  const { values: places, shares } = empiricalDistribution(
    histogram(values, { low: 0, high: 4, bins: 4 }),
  );
  expect([...places]).toEqual([0, 1, 2, 3, 4]);
  expect([...shares]).toEqual([1 / 8, 2 / 8, 4 / 8, 5 / 8, 6 / 8]);
});

test("empiricalDistribution() of gaps knows no share", () => {
  const { shares } = empiricalDistribution(
    histogram(Float64Array.of(NaN), { low: 0, high: 1, bins: 1 }),
  );
  expect([...shares]).toEqual([NaN, NaN]);
});
