import { expect, test } from "vitest";
import { summarize } from "./summary.ts";

test("summarize() gives count, extremes, mean and percentiles of what was measured", () => {
  const values = Float64Array.from({ length: 101 }, (_, index) => (37 * index) % 101);
  expect(summarize(Float64Array.of(NaN, ...values, NaN))).toEqual({
    count: 101,
    min: 0,
    mean: 50,
    sampleMean: 50,
    standardDeviation: Math.sqrt(858.5),
    mad: 25,
    p50: 50,
    p75: 75,
    p90: 90,
    p95: 95,
    p97_5: 97.5,
    p99: 99,
    max: 100,
  });
});

test("summarize() of gaps alone has no figures", () => {
  expect(summarize(Float64Array.of(NaN, NaN))).toMatchObject({ count: 0, mean: NaN, max: NaN });
});

test("summarize() of equal values is that value, without rounding", () => {
  expect(summarize(new Float64Array(1000).fill(0.1))).toMatchObject({
    count: 1000,
    mean: 0.1,
    sampleMean: 0.1,
    standardDeviation: 0,
    mad: 0,
    p95: 0.1,
  });
});

test("summarize() weighs values by time where their times are given", () => {
  const times = { timestampsS: Float64Array.of(0, 10, 24, 30), intervalS: 10 };
  expect(summarize(Float64Array.of(1, 1, 5, 1), times)).toMatchObject({
    mean: 2.4,
    sampleMean: 2,
    standardDeviation: 2,
  });
});

test("summarize() of a single value knows no standard deviation", () => {
  expect(summarize(Float64Array.of(3))).toMatchObject({ standardDeviation: NaN, mad: 0, mean: 3 });
});
