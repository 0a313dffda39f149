import { expect, test } from "vitest";
import { measureTiming } from "../data/timing.ts";
import { testDataset } from "../testing/machine.ts";
import type { Dataset } from "./dataset.ts";
import {
  combineMinutes,
  createMinuteGrid,
  findEpisodes,
  findSkipped,
  measuredS,
  toMinutes,
  totalS,
  type Condition,
  type Minutes,
} from "./episodes.ts";
import { toBuckets } from "./row-grid.ts";

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
    {
      startS: 60,
      endS: 420,
      mean: (95 + 85 + 92 + 81 + 99 + 85) / 6,
      worst: 99,
      beyondS: 180,
      beyondCount: 3,
    },
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
    { startS: 60, endS: 240, mean: 29 / 3, worst: 8, beyondS: 120, beyondCount: 2 },
  ]);
});

test("toMinutes() averages samples, and keeps minutes without any as gaps", () => {
  const dataset = testDataset({
    rows: 18,
    columns: { load1: (s) => (s >= 60 && s < 120 ? NaN : s) },
  });
  const minutesOf = (machine: Dataset): Minutes => {
    const load = machine.measure("load1");
    if (load === null) throw new Error("unreachable");
    const grid = createMinuteGrid(machine.timestampsS, machine.timing);
    return toMinutes(toBuckets(grid, load.values), machine.timing);
  };
  const found = minutesOf(dataset);
  expect([...found.means]).toEqual([25, NaN, 145]);
  expect(measuredS(found)).toBe(120);
  expect(measuredS(minutesOf(testDataset({ rows: 8, columns: { load1: (s) => s } })))).toBe(80);
});

test("findEpisodes() lasts to the end of the data, where the last sample's interval ends behind its minute", () => {
  const late = { ...minutes(10, 95, 95, 95, 95, 95), window: { startS: 30, endS: 390 } };
  expect(findEpisodes(late, above)).toMatchObject([{ startS: 60, endS: 390 }]);
  expect(measuredS(late)).toBe(360);
});

/** Of samples at these times, each worth its row. */
function minutesAt(timestampsS: number[]): Minutes {
  const times = Float64Array.from(timestampsS);
  const timing = measureTiming(times);
  const grid = createMinuteGrid(times, timing);
  const buckets = toBuckets(
    grid,
    times.map((_, row) => row),
  );
  return toMinutes(buckets, timing, findSkipped(grid, times, timing));
}

test("toMinutes() takes no minute for a gap that lies between two samples of one interval", () => {
  expect([...minutesAt([0, 59, 121, 180, 241, 299, 360]).means]).toEqual([0.5, 2, 2, 3, 4.5, 6, 6]);
  expect([...minutesAt([0, 60, 120, 240, 300, 360]).means]).toEqual([0, 1, 2, NaN, 3, 4, 5]);
});

test("combineMinutes() keeps a gap of either side", () => {
  const found = combineMinutes(minutes(1, NaN, 3), minutes(10, 20, NaN), (a, b) => a + b);
  expect([...found.means]).toEqual([11, NaN, NaN]);
});
