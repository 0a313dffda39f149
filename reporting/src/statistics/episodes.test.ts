import { expect, test } from "vitest";
import { testDataset } from "../testing/machine.ts";
import {
  combineMinutes,
  findEpisodes,
  measuredS,
  toMinutes,
  totalS,
  type Condition,
} from "./episodes.ts";

const above: Condition = { direction: "above", enter: 90, leave: 80, minimumS: 300 };
const minutes = (...means: number[]) => ({
  startS: 0,
  bucketS: 60,
  means: Float64Array.from(means),
  window: { startS: 0, endS: means.length * 60 },
});

test("findEpisodes() lasts through values between the two thresholds", () => {
  const found = findEpisodes(minutes(10, 95, 85, 92, 81, 99, 85, 79, 85), above);
  expect(found).toEqual([
    { startS: 60, endS: 420, mean: (95 + 85 + 92 + 81 + 99 + 85) / 6, worst: 99 },
  ]);
});

test("findEpisodes() does not begin between the thresholds", () => {
  expect(findEpisodes(minutes(85, 85, 85, 85, 85, 85, 85), above)).toEqual([]);
});

test("findEpisodes() passes over what is shorter than the minimum", () => {
  expect(findEpisodes(minutes(95, 95, 95, 95, 10, 95, 95), above)).toEqual([]);
});

test("findEpisodes() ends at a gap, and at the end of the data", () => {
  const found = findEpisodes(minutes(95, 95, 95, 95, 95, NaN, 95, 95, 95, 95, 95), above);
  expect(found.map(({ startS, endS }) => [startS, endS])).toEqual([
    [0, 300],
    [360, 660],
  ]);
  expect(totalS(found)).toBe(600);
});

test("findEpisodes() needs three values, however long the interval", () => {
  const hourly = {
    startS: 0,
    bucketS: 3600,
    means: Float64Array.of(95, 95, 10, 95, 95, 95),
    window: { startS: 0, endS: 6 * 3600 },
  };
  expect(findEpisodes(hourly, above).map(({ startS }) => startS)).toEqual([3 * 3600]);
});

test("findEpisodes() counts of the first and the last minute what the data holds of them", () => {
  const busy = { ...minutes(95, 95, 95, 95, 95, 95), window: { startS: 55, endS: 304 } };
  expect(findEpisodes(busy, above)).toEqual([]);
  expect(findEpisodes({ ...busy, window: { startS: 55, endS: 356 } }, above)).toMatchObject([
    { startS: 55, endS: 356 },
  ]);
});

test("findEpisodes() looks below as it looks above", () => {
  const below: Condition = { direction: "below", enter: 10, leave: 15, minimumS: 180 };
  expect(findEpisodes(minutes(50, 9, 12, 8, 50), below)).toEqual([
    { startS: 60, endS: 240, mean: 29 / 3, worst: 8 },
  ]);
});

test("toMinutes() averages samples, and keeps minutes without any as gaps", () => {
  const dataset = testDataset({
    rows: 18,
    columns: { load1: (s) => (s >= 60 && s < 120 ? NaN : s) },
  });
  const load = dataset.measure("load1");
  const found = toMinutes(dataset, load === null ? new Float64Array() : load.values);
  expect([...found.means]).toEqual([25, NaN, 145]);
  expect(measuredS(found)).toBe(120);
  const short = testDataset({ rows: 8, columns: { load1: (s) => s } });
  expect(measuredS(toMinutes(short, short.measure("load1")?.values ?? new Float64Array()))).toBe(
    80,
  );
});

test("combineMinutes() keeps a gap of either side", () => {
  const found = combineMinutes(minutes(1, NaN, 3), minutes(10, 20, NaN), (a, b) => a + b);
  expect([...found.means]).toEqual([11, NaN, NaN]);
});
