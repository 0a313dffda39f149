import { expect, test } from "vitest";
import { findMainStretch } from "./strays.ts";

const startS = Date.UTC(2026, 2, 2) / 1000;
const steps = (count: number, fromS: number, intervalS = 10): number[] =>
  Array.from({ length: count }, (_, row) => fromS + row * intervalS);
const day = steps(8640, startS);
const unsetS = Date.UTC(2000, 0) / 1000;
const dayS = 86_400;

test.each<[string, number[], [from: number, to: number], object]>([
  [
    "before the clock was set",
    [...steps(3, unsetS), ...day],
    [3, 8643],
    { count: 3, firstS: unsetS, lastS: unsetS + 20 },
  ],
  [
    "of a clock set ahead",
    [...day, startS + 40 * dayS],
    [0, 8640],
    { count: 1, firstS: startS + 40 * dayS, lastS: startS + 40 * dayS },
  ],
  [
    "on both sides",
    [unsetS, unsetS + 400 * dayS, ...day, startS + 900 * dayS],
    [2, 8642],
    { count: 3, firstS: unsetS, lastS: startS + 900 * dayS },
  ],
])("findMainStretch() leaves out samples %s", (_, times, [from, to], strays) => {
  expect(findMainStretch(Float64Array.from(times))).toEqual({ from, to, strays });
});

test.each<[string, number[]]>([
  ["a day", day],
  ["none", []],
  ["one sample", [startS]],
  ["two samples years apart", [unsetS, startS]],
  ["two captures a year apart, of which one is half as long", [...steps(4320, unsetS), ...day]],
  ["a day with a sample four weeks before", [startS - 28 * dayS, ...day]],
  [
    "a year by the hour with a hole of 40 days near its begin",
    [...steps(24, startS - 41 * dayS, 3600), ...steps(8760, startS, 3600)],
  ],
  ["samples that are all months apart", steps(12, unsetS, 40 * dayS)],
])("findMainStretch() keeps all of %s", (_, times) => {
  const all = { from: 0, to: times.length, strays: null };
  expect(findMainStretch(Float64Array.from(times))).toEqual(all);
});
