import { expect, test } from "vitest";
import { dailyProfile, type DailyProfileOptions } from "./daily-profile.ts";

const midnightS = Date.UTC(2026, 2, 2) / 1000;
const hourS = 3600;
const profile = (samples: [timeS: number, value: number][], options?: DailyProfileOptions) =>
  dailyProfile(
    Float64Array.from(samples, ([timeS]) => timeS),
    Float64Array.from(samples, ([, value]) => value),
    options,
  );
const samples: [number, number][] = [
  [midnightS + 2 * hourS, 1],
  [midnightS + 3 * hourS - 1, 3],
  [midnightS + 3 * hourS, NaN],
  [midnightS + 26 * hourS, 8],
  [midnightS + 27 * hourS, 5],
];

test("dailyProfile() gives the mean by hour of the day, of all days, and passes over gaps", () => {
  const hours = profile(samples);
  expect(hours).toHaveLength(24);
  expect(hours.slice(1, 5)).toEqual(Float64Array.of(NaN, 4, 5, NaN));
});

test("dailyProfile() weighs values as it is told", () => {
  const weights = Float64Array.of(60, 20, 60, 20, 0);
  expect(profile(samples, { weights }).slice(2, 4)).toEqual(Float64Array.of(2.8, NaN));
});

test("dailyProfile() of nothing has hours without a value", () => {
  expect(profile([])).toEqual(new Float64Array(24).fill(NaN));
});

test("dailyProfile() follows the reader's clock through a change of its offset", () => {
  // Berlin, 29 March 2026: at 01:00 UTC the clock goes from +1 h to +2 h.
  const changeS = Date.UTC(2026, 2, 29, 1) / 1000;
  const berlin = (timeS: number): number => (timeS < changeS ? hourS : 2 * hourS);
  const around: [number, number][] = [
    [changeS - 1, 1],
    [changeS, 3],
  ];
  expect(profile(around, { offsetAt: berlin }).slice(1, 4)).toEqual(Float64Array.of(1, NaN, 3));
});
