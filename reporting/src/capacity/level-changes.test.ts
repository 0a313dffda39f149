import { expect, test } from "vitest";
import { findLevelChanges } from "./level-changes.ts";

const startS = Date.UTC(2026, 2, 2) / 1000;
const hour = 60;

/** A mean a minute, with a little noise that repeats. */
function minutesOf(count: number, level: (minute: number) => number) {
  const means = Float64Array.from({ length: count }, (_, minute) => {
    return level(minute) + 4 * (((minute * 7919) % 101) / 101 - 0.5);
  });
  const window = { startS, endS: startS + 60 * count };
  return { startS, bucketS: 60, means, window, edges: new Map<number, typeof window>() };
}

test("findLevelChanges() finds the step, its time and its levels", () => {
  const minutes = minutesOf(8 * hour, (minute) => (minute < 5 * hour ? 20 : 60));
  const [change, ...others] = findLevelChanges(minutes, { limit: 100, usual: null });
  expect(others).toEqual([]);
  expect(change?.atS).toBe(startS + 5 * 3600);
  expect(change?.before).toBeCloseTo(20, 0);
  expect(change?.after).toBeCloseTo(60, 0);
});

test("findLevelChanges() is silent on steps that matter to nobody, short bursts, and a level that stays", () => {
  const options = { limit: 100, usual: null };
  const small = minutesOf(8 * hour, (minute) => (minute < 5 * hour ? 20 : 24));
  const burst = minutesOf(8 * hour, (minute) => (minute >= 300 && minute < 310 ? 90 : 20));
  expect(findLevelChanges(small, options)).toEqual([]);
  expect(findLevelChanges(burst, options)).toEqual([]);
  expect(
    findLevelChanges(
      minutesOf(8 * hour, () => 20),
      options,
    ),
  ).toEqual([]);
});

test("findLevelChanges() does not take an average day's course for changes of level", () => {
  const day = 24 * hour;
  const course = (minute: number) =>
    minute % day >= 8 * hour && minute % day < 18 * hour ? 60 : 20;
  const usual = (timeS: number) => course((timeS - startS) / 60);
  const rise = minutesOf(10 * day, (minute) => course(minute) + (minute < 6 * day ? 0 : 15));
  expect(findLevelChanges(minutesOf(10 * day, course), { limit: 100, usual })).toEqual([]);
  const changes = findLevelChanges(rise, { limit: 100, usual });
  expect(changes).toHaveLength(1);
  expect(Math.abs((changes[0]?.atS ?? 0) - startS - 6 * 86_400)).toBeLessThan(3600);
});

test("findLevelChanges() takes a steady rise or fall for a trend, also across a gap", () => {
  const options = { limit: 100, usual: null };
  for (const [count, level] of [
    [8 * hour, (minute: number) => 10 + minute / 10],
    [8 * hour, (minute: number) => 90 - minute / 6],
    [3 * hour, (minute: number) => 10 + minute / 3],
    [30 * 24 * hour, (minute: number) => 20 + minute / 1000],
    [8 * hour, (minute: number) => (minute > 200 && minute < 260 ? NaN : 10 + minute / 10)],
  ] as const) {
    expect(findLevelChanges(minutesOf(count, level), options)).toEqual([]);
  }
});

test("findLevelChanges() finds the step within a rise, and a rise to another level in an hour", () => {
  const options = { limit: 100, usual: null };
  const both = (minute: number) => 10 + minute / 20 + (minute < 5 * hour ? 0 : 30);
  const [step, ...others] = findLevelChanges(minutesOf(8 * hour, both), options);
  expect(others).toEqual([]);
  expect(step?.atS).toBe(startS + 5 * 3600);
  const morning = (minute: number) => 20 + Math.max(0, Math.min(60, minute - 7 * hour));
  const changes = findLevelChanges(minutesOf(16 * hour, morning), options);
  expect(changes.length).toBeGreaterThan(0);
  expect(changes.every(({ before, after }) => after > before)).toBe(true);
});

test("findLevelChanges() finds every step of a staircase, and those of a piece of work", () => {
  const options = { limit: 100, usual: null };
  const stairs = (minute: number) => 20 + 15 * Math.floor(minute / (4 * hour));
  expect(findLevelChanges(minutesOf(16 * hour, stairs), options)).toHaveLength(3);
  const work = (minute: number) => (minute >= 10 * hour && minute < 12 * hour ? 70 : 20);
  expect(findLevelChanges(minutesOf(24 * hour, work), options)).toHaveLength(2);
});

test("findLevelChanges() leaves gaps out", () => {
  const minutes = minutesOf(8 * hour, (minute) =>
    minute < 3 * hour ? 20 : minute < 5 * hour ? NaN : 60,
  );
  expect(findLevelChanges(minutes, { limit: 100, usual: null })).toHaveLength(1);
});
