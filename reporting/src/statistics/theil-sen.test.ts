import { expect, test } from "vitest";
import { theilSen } from "./theil-sen.ts";

const fit = (x: number[], y: number[], confidence?: number) =>
  theilSen(
    Float64Array.from(x),
    Float64Array.from(y),
    confidence === undefined ? {} : { confidence },
  );

const tenths = Array.from({ length: 10 }, (_, index) => index);

test("theilSen() finds a line, and is certain of it", () => {
  expect(
    fit(
      tenths,
      tenths.map((x) => 3 * x + 7),
    ),
  ).toEqual({
    slope: 3,
    low: 3,
    high: 3,
    intercept: 7,
  });
});

test("theilSen() is not led astray by outliers", () => {
  const y = tenths.map((x) => (x === 4 || x === 9 ? 1e6 : 2 * x));
  expect(fit(tenths, y)).toMatchObject({ slope: 2, intercept: 0 });
});

test("theilSen() takes the median of the slopes between all pairs", () => {
  // Slopes: 1, 3, 2, 5, 2.5, 0
  expect(fit([0, 1, 2, 3], [0, 1, 6, 6])).toMatchObject({ slope: 2.25, intercept: -0.375 });
});

test("theilSen() gives wider bounds for more confidence, and none that few points cannot give", () => {
  const y = tenths.map((x) => x + (x % 3) * (x % 2 === 0 ? 1 : -1));
  const [narrow, wide] = [fit(tenths, y, 0.5), fit(tenths, y, 0.99)];
  expect(wide.low).toBeLessThan(narrow.low);
  expect(wide.high).toBeGreaterThan(narrow.high);
  expect(fit([0, 1, 2], [0, 5, 1])).toMatchObject({ slope: 0.5, low: -Infinity, high: Infinity });
});

test("theilSen() leaves out points with a gap, and pairs one above the other", () => {
  expect(fit([0, 1, NaN, 1, 2], [0, 1, 50, NaN, 2])).toMatchObject({ slope: 1, intercept: 0 });
  expect(fit([0, 0, 1], [0, 2, 3])).toMatchObject({ slope: 2 });
});

test.each([
  [[], []],
  [[1], [1]],
  [
    [1, 1],
    [1, 2],
  ],
  [
    [1, 2],
    [NaN, 2],
  ],
])("theilSen() of %j and %j has no slope", (x, y) => {
  expect(fit(x, y)).toEqual({ slope: NaN, low: NaN, high: NaN, intercept: NaN });
});

test("theilSen() refuses unequal sides, too many points, and an impossible confidence", () => {
  const many = Array.from({ length: 2001 }, (_, index) => index);
  expect(() => fit([1, 2], [1])).toThrow(RangeError);
  expect(() => fit(many, many)).toThrow(RangeError);
  expect(() => fit([1, 2], [1, 2], 95)).toThrow(RangeError);
});
