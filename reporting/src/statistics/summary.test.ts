import { expect, test } from "vitest";
import { interpolate } from "./percentiles.ts";
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
  const times = { timestampsS: Float64Array.of(0, 10, 24, 30), intervalS: 10, gaps: [] };
  expect(summarize(Float64Array.of(1, 1, 5, 1), times)).toMatchObject({
    mean: 2.4,
    sampleMean: 2,
    standardDeviation: 2,
  });
});

test("summarize() of a single value knows no standard deviation", () => {
  expect(summarize(Float64Array.of(3))).toMatchObject({ standardDeviation: NaN, mad: 0, mean: 3 });
});

/** The same every time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const next = random(7);
const gauss = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

test.each<[string, number, () => number]>([
  ["evenly spread", 20_001, next],
  ["evenly spread, an even number", 30_000, next],
  ["normally distributed", 50_001, gauss],
  ["with a long tail", 40_000, () => Math.exp(4 * gauss())],
  ["with a few wild ones", 25_000, () => (next() < 0.001 ? 1e12 : gauss())],
  ["of few different values", 33_333, () => Math.floor(5 * next())],
  ["mostly zero", 30_001, () => (next() < 0.9 ? 0 : next())],
  [
    "half low, half high, so that the median lies between them",
    40_000,
    () => (next() < 0.5 ? next() : 100 + next()),
  ],
  ["of two values", 20_002, () => (next() < 0.5 ? 1 : 2)],
  ["far from zero", 21_000, () => 1e9 + next()],
  ["with gaps", 60_000, () => (next() < 0.3 ? NaN : gauss())],
])("summarize() of many values, %s, is exact", (_, length, draw) => {
  const values = Float64Array.from({ length }, draw);
  const sorted = values.filter((value) => !Number.isNaN(value)).toSorted();
  const summary = summarize(values);
  const at = (probability: number, from: Float64Array) =>
    interpolate(from, (from.length - 1) * probability);
  expect([summary.p50, summary.p95, summary.p99]).toEqual(
    [0.5, 0.95, 0.99].map((p) => at(p, sorted)),
  );
  const distances = sorted.map((value) => Math.abs(value - summary.p50)).toSorted();
  expect(summary.mad).toBe(at(0.5, distances));
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  const variance =
    sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (sorted.length - 1);
  expect(summary.standardDeviation / Math.sqrt(variance)).toBeCloseTo(1, 9);
});
