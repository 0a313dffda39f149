import { expect, test } from "vitest";
import { summarize } from "./summary.ts";

test("summarize() gives count, extremes, mean and percentiles of what was measured", () => {
  const values = Float64Array.from({ length: 101 }, (_, index) => (37 * index) % 101);
  expect(summarize(Float64Array.of(NaN, ...values, NaN))).toEqual({
    count: 101,
    min: 0,
    mean: 50,
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
    p95: 0.1,
  });
});
