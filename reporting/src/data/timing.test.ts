import { expect, test } from "vitest";
import { measureTiming } from "./timing.ts";

test("measureTiming() finds the interval and no gap in a steady series", () => {
  expect(measureTiming(Float64Array.of(100, 110, 120, 130))).toEqual({
    startS: 100,
    endS: 130,
    lengthS: 40,
    sampleCount: 4,
    intervalS: 10,
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

test("measureTiming() of one sample knows no interval", () => {
  expect(measureTiming(Float64Array.of(5))).toMatchObject({ intervalS: null, coverageRatio: 1 });
});

test("measureTiming() refuses a series without samples", () => {
  expect(() => measureTiming(new Float64Array())).toThrow(RangeError);
});
