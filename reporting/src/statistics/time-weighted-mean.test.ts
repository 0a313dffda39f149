import { expect, test } from "vitest";
import { timeWeightedMean } from "./time-weighted-mean.ts";

const mean = (times: number[], values: number[], intervalS = 10) =>
  timeWeightedMean(Float64Array.from(times), Float64Array.from(values), intervalS);

test("timeWeightedMean() weighs a value by the seconds since the sample before", () => {
  expect(mean([0, 10, 24, 30], [1, 1, 5, 1])).toBe((10 + 10 + 70 + 6) / 40);
});

test("timeWeightedMean() weighs the first sample, and one behind a gap, as one interval", () => {
  expect(mean([100, 110, 500], [2, 2, 8])).toBe(4);
});

test("timeWeightedMean() passes over missing values: the next one does not stand for their time", () => {
  expect(mean([0, 10, 20, 30], [3, NaN, 3, 6])).toBe(4);
  expect(mean([0, 10], [NaN, NaN])).toBeNaN();
  expect(mean([], [])).toBeNaN();
});
