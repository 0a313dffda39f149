import { expect, test } from "vitest";
import { decodeMinutes, encodeMinutes, rollUpHour } from "./minutes.ts";

test("rollUpHour() gives each minute's count, minimum, maximum and sum, and nothing for minutes without samples", () => {
  const seconds = Float64Array.of(0, 1, 59, 60, 3599);
  const minutes = rollUpHour({
    seconds,
    columns: new Map([["cpu_user", Float64Array.of(0.1, 0.2, NaN, NaN, 7)]]),
  }).get("cpu_user");
  expect(minutes?.count.slice(0, 2)).toEqual(Float64Array.of(2, 0));
  expect([minutes?.min[0], minutes?.max[0]]).toEqual([0.1, 0.2]);
  // Not 0.30000000000000004: the sum of decimals is the decimal.
  expect(minutes?.sum[0]).toBe(0.3);
  expect([minutes?.count[59], minutes?.min[59], minutes?.sum[59]]).toEqual([1, 7, 7]);
  expect(minutes?.min[1]).toBeNaN();
});

test("decodeMinutes() gives back what encodeMinutes() took", () => {
  const count = Float64Array.of(0, 60, 1, 0, 59);
  const minutes = {
    count,
    min: Float64Array.of(NaN, 1, 5, NaN, 1 / 3),
    max: Float64Array.of(NaN, 2, 5, NaN, 4),
    sum: Float64Array.of(0, 90, 5, 0, 100.5),
  };
  const encoded = encodeMinutes(minutes);
  expect(encoded).not.toBeNull();
  expect(encoded === null ? null : decodeMinutes(encoded)).toEqual(minutes);
});

test("encodeMinutes() writes one sample a minute once, and nothing where there are none", () => {
  const values = Float64Array.of(1, 2, 3);
  const one = { count: Float64Array.of(1, 1, 1), min: values, max: values, sum: values };
  expect(encodeMinutes(one)).toMatchObject({ maxima: null, sums: null });
  const gaps = new Float64Array(3).fill(NaN);
  const none = { count: new Float64Array(3), min: gaps, max: gaps, sum: new Float64Array(3) };
  expect(encodeMinutes(none)).toBeNull();
});
