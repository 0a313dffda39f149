import { expect, test } from "vitest";
import { dailyProfile } from "./daily-profile.ts";

const midnightS = Date.UTC(2026, 2, 2) / 1000;
const hourS = 3600;
const profile = (samples: [timeS: number, value: number][], offsetAt?: (timeS: number) => number) =>
  dailyProfile(
    Float64Array.from(samples, ([timeS]) => timeS),
    Float64Array.from(samples, ([, value]) => value),
    offsetAt === undefined ? {} : { offsetAt },
  );

test("dailyProfile() gives mean, p95 and count by hour of the day, and by day and hour", () => {
  const { hours, days } = profile([
    [midnightS + 2 * hourS, 1],
    [midnightS + 3 * hourS - 1, 3],
    [midnightS + 26 * hourS, 8],
    [midnightS + 27 * hourS, 5],
  ]);
  expect(hours[2]).toEqual({ mean: 4, p95: 7.5, count: 3 });
  expect(hours[3]).toEqual({ mean: 5, p95: 5, count: 1 });
  expect(hours[4]).toEqual({ mean: NaN, p95: NaN, count: 0 });
  expect(days.map(({ startS }) => startS)).toEqual([midnightS, midnightS + 86_400]);
  expect(days.map((day) => day.hours[2]?.mean)).toEqual([2, 8]);
  expect(days.map((day) => day.hours[3]?.count)).toEqual([0, 1]);
});

test("dailyProfile() passes over gaps, and has a row for a day without values", () => {
  const { hours, days } = profile([
    [midnightS, NaN],
    [midnightS + 1, 4],
    [midnightS + 3 * 86_400, 6],
  ]);
  expect(hours[0]).toEqual({ mean: 5, p95: 5.9, count: 2 });
  expect(days.map((day) => day.hours[0]?.count)).toEqual([1, 0, 0, 1]);
});

test("dailyProfile() of nothing has hours, and no day", () => {
  expect(profile([[midnightS, NaN]]).days).toEqual([]);
  expect(profile([]).hours).toHaveLength(24);
});

test("dailyProfile() follows the reader's clock through a change of its offset", () => {
  // Berlin, 29 March 2026: at 01:00 UTC the clock goes from +1 h to +2 h.
  const changeS = Date.UTC(2026, 2, 29, 1) / 1000;
  const berlin = (timeS: number) => (timeS < changeS ? hourS : 2 * hourS);
  const { hours } = profile(
    [
      [changeS - 1, 1],
      [changeS, 3],
    ],
    berlin,
  );
  expect([1, 2, 3].map((hour) => hours[hour]?.count)).toEqual([1, 0, 1]);
});
