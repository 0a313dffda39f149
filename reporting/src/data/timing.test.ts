import { expect, test } from "vitest";
import { countDistances, measureTiming } from "./timing.ts";

test("measureTiming() finds the interval and no gap in a steady series", () => {
  expect(measureTiming(Float64Array.of(100, 110, 120, 130))).toEqual({
    startS: 100,
    endS: 130,
    lengthS: 40,
    sampleCount: 4,
    intervalS: 10,
    distances: new Map([[10, 3]]),
    gaps: [],
    expectedCount: 4,
    coverageRatio: 1,
  });
});

test("measureTiming() counts the samples missing from gaps of more than 1.5 intervals", () => {
  const timing = measureTiming(Float64Array.of(0, 10, 20, 35, 75, 85, 101));
  expect(timing.intervalS).toBe(13);
  const steady = measureTiming(Float64Array.of(0, 10, 20, 35, 45, 55, 85));
  expect(steady.gaps).toEqual([{ fromS: 55, toS: 85, missing: 2 }]);
  expect([steady.expectedCount, steady.coverageRatio]).toEqual([9, 7 / 9]);
});

test("measureTiming() takes no other interval for gaps, once many samples in a row keep it", () => {
  const slower = (count: number) => [
    ...Array.from({ length: 100 }, (_, row) => 10 * row),
    ...Array.from({ length: count }, (_, row) => 990 + 60 * (row + 1)),
  ];
  const changed = measureTiming(Float64Array.from(slower(30)));
  expect(changed).toMatchObject({ intervalS: 10, gaps: [], expectedCount: 130, coverageRatio: 1 });
  const few = measureTiming(Float64Array.from(slower(29)));
  expect(few.gaps).toHaveLength(29);
  // A gap between the two, and one within.
  const times = [...slower(80).filter((time) => time !== 990 + 60 * 40), 100_000];
  expect(measureTiming(Float64Array.from(times)).gaps).toEqual([
    { fromS: 990 + 60 * 39, toS: 990 + 60 * 41, missing: 11 },
    { fromS: 990 + 60 * 80, toS: 100_000, missing: 9420 },
  ]);
});

test("countDistances() counts the distances of neighbours, or of samples further apart", () => {
  const timestampsS = Float64Array.of(0, 10, 20, 25, 35, 36);
  expect(countDistances(timestampsS)).toEqual(
    new Map([
      [10, 3],
      [5, 1],
      [1, 1],
    ]),
  );
  expect(countDistances(timestampsS, 2)).toEqual(
    new Map([
      [20, 1],
      [15, 2],
      [11, 1],
    ]),
  );
  expect(countDistances(timestampsS.subarray(0, 1))).toEqual(new Map());
});

test("measureTiming() of one sample knows no interval", () => {
  expect(measureTiming(Float64Array.of(5))).toMatchObject({ intervalS: null, coverageRatio: 1 });
});

test("measureTiming() refuses a series without samples", () => {
  expect(() => measureTiming(new Float64Array())).toThrow(RangeError);
});
