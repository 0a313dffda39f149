import { expect, test } from "vitest";
import { stepBesideTrend } from "./step-beside-trend.ts";

const x = Float64Array.from({ length: 20 }, (_, row) => row);

test("stepBesideTrend() finds no step in a straight line, however steep", () => {
  const { size, error } = stepBesideTrend(
    x,
    x.map((value) => 1000 - 30 * value),
    10,
  );
  expect(size).toBeCloseTo(0, 9);
  expect(error).toBeCloseTo(0, 5);
});

test("stepBesideTrend() measures a step alone, and beside a slope, whatever the gaps", () => {
  const step = (value: number): number => (value < 12 ? 0 : 7);
  expect(stepBesideTrend(x, x.map(step), 12)).toEqual({ size: 7, error: 0 });
  const sloping = x.map((value) => (value % 5 === 3 ? NaN : 2 * value + step(value)));
  expect(stepBesideTrend(x, sloping, 12).size).toBeCloseTo(7, 9);
});

test("stepBesideTrend() is less sure the less there is beside the step, and the more it varies", () => {
  const noise = (size: number) => x.map((value) => size * ((value * 7) % 5));
  const error = (y: Float64Array, at: number) => stepBesideTrend(x, y, at).error;
  expect(error(noise(2), 10)).toBeCloseTo(2 * error(noise(1), 10), 9);
  expect(error(noise(1), 19)).toBeGreaterThan(error(noise(1), 10));
});

test("stepBesideTrend() has no answer without points on both sides, or with too few", () => {
  const few = (length: number, at: number) =>
    stepBesideTrend(x.subarray(0, length), x.subarray(0, length), at);
  expect(few(20, 0).size).toBeNaN();
  expect(few(20, 20).size).toBeNaN();
  expect(few(2, 1).size).toBeNaN();
  expect(few(3, 1).error).toBeNaN();
});

test("stepBesideTrend() refuses sides of unequal length", () => {
  expect(() => stepBesideTrend(x, x.subarray(1), 3)).toThrow(
    new RangeError("Cannot measure a step: 20 × 19 points"),
  );
});
