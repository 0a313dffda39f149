import { expect, test } from "vitest";
import { measureTiming } from "../data/timing.ts";
import { testDataset, testStartS, type TestMachine } from "../testing/machine.ts";
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
  type Span,
} from "./episodes.ts";
import { toBuckets } from "./row-grid.ts";

const above: Condition = { direction: "above", enter: 90, leave: 80, minimumS: 300 };
const minutes = (...means: number[]) => ({
  startS: 0,
  bucketS: 60,
  means: Float64Array.from(means),
  window: { startS: 0, endS: means.length * 60 },
  edges: new Map<number, Span>(),
});

test("createMinuteGrid() has minutes, and of what lasts for decades no more than of a year", () => {
  const lengthOf = (...times: number[]) => {
    const timestampsS = Float64Array.from(times);
    const { bucketS, starts } = createMinuteGrid(timestampsS, measureTiming(timestampsS));
    return [bucketS, starts.length - 1];
  };
  const yearS = 365 * 86_400;
  expect(lengthOf(0, 10, 20, 630)).toEqual([60, 11]);
  expect(lengthOf(0, 300, 600)).toEqual([300, 3]);
  expect(lengthOf(0, 60, 120, yearS)).toEqual([60, 525_601]);
  expect(lengthOf(0, 60, 120, 26 * yearS)).toEqual([1380, 594_157]);
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
    edges: new Map<number, Span>(),
  };
  expect(findEpisodes(hourly, above).map(({ startS }) => startS)).toEqual([3 * 3600]);
});

test("findEpisodes() counts of a minute what was measured of it", () => {
  const first = [0, { startS: 55, endS: 60 }] as const;
  const busy = { ...minutes(95, 95, 95, 95, 95, 95), window: { startS: 55, endS: 356 } };
  const short = new Map([first, [5, { startS: 300, endS: 304 }]]);
  expect(findEpisodes({ ...busy, edges: short }, above)).toEqual([]);
  const long = new Map([first, [5, { startS: 300, endS: 356 }]]);
  expect(findEpisodes({ ...busy, edges: long }, above)).toMatchObject([{ startS: 55, endS: 356 }]);
});

test("findEpisodes() looks below as it looks above", () => {
  const below: Condition = { direction: "below", enter: 10, leave: 15, minimumS: 180 };
  expect(findEpisodes(minutes(50, 9, 12, 8, 50), below)).toEqual([
    { startS: 60, endS: 240, mean: 29 / 3, worst: 8, beyondS: 120, beyondCount: 2 },
  ]);
});

const loadMinutes = (machine: Partial<TestMachine>): Minutes => {
  const dataset = testDataset({ rows: 18, ...machine });
  const load = dataset.measure("load1");
  if (load === null) throw new Error("unreachable");
  return dataset.minutes(load);
};

test("toMinutes() averages samples, and keeps minutes without any as gaps", () => {
  const found = loadMinutes({ columns: { load1: (s) => (s >= 60 && s < 120 ? NaN : s) } });
  expect([...found.means]).toEqual([25, NaN, 145]);
  expect(measuredS(found)).toBe(120);
  expect(measuredS(loadMinutes({ rows: 8, columns: { load1: (s) => s } }))).toBe(80);
});

test("toMinutes() counts from the series' own first value on, and to its last one's end", () => {
  const between = (from: number, to: number) =>
    loadMinutes({ rows: 60, columns: { load1: (s) => (s >= from && s < to ? 1 : NaN) } });
  const late = between(20, 580);
  expect(measuredS(late)).toBe(560);
  expect(late.window).toEqual({ startS: testStartS + 20, endS: testStartS + 580 });
  const later = between(130, 200);
  expect(measuredS(later)).toBe(70);
  expect(later.window).toEqual({ startS: testStartS, endS: testStartS + 600 });
});

test("toMinutes() counts nothing of a gap, wherever in a minute it begins and ends", () => {
  const found = loadMinutes({
    rows: 60,
    columns: { load1: (s) => (s >= 150 && s < 290 ? NaN : 1) },
  });
  expect(measuredS(found)).toBe(460);
  const always: Condition = { direction: "above", enter: 0.5, leave: 0.4, minimumS: 60 };
  expect(findEpisodes(found, always)).toMatchObject([
    { startS: testStartS, endS: testStartS + 150, beyondS: 150 },
    { startS: testStartS + 290, endS: testStartS + 600, beyondS: 310 },
  ]);
});

test("toMinutes() lasts to the end of the last sample's interval, whatever its place in a minute", () => {
  const found = loadMinutes({ rows: 6, intervalS: 60, startS: testStartS + 30 });
  expect(measuredS(found)).toBe(360);
  expect(found.window.endS).toBe(testStartS + 390);
  const always: Condition = { direction: "above", enter: 0.1, leave: 0, minimumS: 300 };
  expect(findEpisodes(found, always)).toMatchObject([{ endS: found.window.endS }]);
});

/** Of samples at these times, each worth its row, but for those that are gaps. */
function minutesAt(times: number[], gaps: number[] = []): Minutes {
  const timestampsS = Float64Array.from(times);
  const timing = measureTiming(timestampsS);
  const grid = createMinuteGrid(timestampsS, timing);
  const values = timestampsS.map((_, row) => (gaps.includes(row) ? NaN : row));
  const buckets = toBuckets(grid, values);
  const skipped = findSkipped(grid, timestampsS, timing);
  return toMinutes(grid, { timestampsS, values, buckets, timing, skipped });
}

test("toMinutes() takes no minute for a gap that lies between two samples of one interval", () => {
  expect([...minutesAt([0, 59, 121, 180, 241, 299, 360]).means]).toEqual([0.5, 2, 2, 3, 4.5, 6, 6]);
  expect([...minutesAt([0, 60, 120, 240, 300, 360]).means]).toEqual([0, 1, 2, NaN, 3, 4, 5]);
});

test("toMinutes() knows nothing of a minute that was stepped over beside a gap of the series", () => {
  const times = [0, 59, 121, 180, 241, 299, 360];
  const behind = minutesAt(times, [2]);
  expect([...behind.means]).toEqual([0.5, NaN, NaN, 3, 4.5, 6, 6]);
  const before = minutesAt(times, [0, 1]);
  expect([...before.means]).toEqual([NaN, NaN, 2, 3, 4.5, 6, 6]);
  expect(measuredS(before)).toBe(420 - 121);
});

test("combineMinutes() keeps a gap of either side", () => {
  const found = combineMinutes(minutes(1, NaN, 3), minutes(10, 20, NaN), (a, b) => a + b);
  expect([...found.means]).toEqual([11, NaN, NaN]);
});

test("combineMinutes() counts the time of which both know", () => {
  const one = { ...minutes(1, 1), edges: new Map([[0, { startS: 20, endS: 60 }]]) };
  const other = { ...minutes(1, 1), edges: new Map([[0, { startS: 5, endS: 50 }]]) };
  expect(measuredS(combineMinutes(one, other, (a, b) => a + b))).toBe(30 + 60);
});
