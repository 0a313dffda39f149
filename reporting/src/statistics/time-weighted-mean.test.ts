import { expect, test } from "vitest";
import { measureTiming } from "../data/timing.ts";
import { timeWeightedMean } from "./time-weighted-mean.ts";

const mean = (times: number[], values: number[]) => {
  const timestampsS = Float64Array.from(times);
  const { gaps } = times.length > 2 ? measureTiming(timestampsS) : { gaps: [] };
  return timeWeightedMean(timestampsS, Float64Array.from(values), { intervalS: 10, gaps });
};

test("timeWeightedMean() weighs a value by the seconds since the sample before", () => {
  expect(mean([0, 10, 24, 30], [1, 1, 5, 1])).toBe((10 + 10 + 70 + 6) / 40);
});

test("timeWeightedMean() weighs the first sample, and one behind a gap, as one interval", () => {
  expect(mean([100, 110, 120, 500], [2, 2, 2, 10])).toBe(4);
});

test("timeWeightedMean() weighs samples of another interval, once many in a row keep it, by theirs", () => {
  const times = [
    ...Array.from({ length: 60 }, (_, row) => 10 * row),
    ...Array.from({ length: 40 }, (_, row) => 590 + 60 * (row + 1)),
  ];
  const values = times.map((time) => (time <= 590 ? 1 : 2));
  expect(mean(times, values)).toBe((600 + 2 * 2400) / 3000);
});

test("timeWeightedMean() passes over missing values: the next one does not stand for their time", () => {
  expect(mean([0, 10, 20, 30], [3, NaN, 3, 6])).toBe(4);
  expect(mean([0, 10], [NaN, NaN])).toBeNaN();
  expect(mean([], [])).toBeNaN();
});
