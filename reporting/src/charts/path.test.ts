import { expect, test } from "vitest";
import { areaPath, linePath, pathHeight, toY } from "./path.ts";

const range = { low: 0, high: pathHeight };
const values = (...list: number[]) => Float64Array.from(list);

test("linePath() is relative, in whole units, a minus sign being separator enough", () => {
  expect(linePath(values(100, 110, 90, 90), range)).toBe("M0 300l1-10 1 20 1 0");
});

test("linePath() breaks at gaps and gives a lone value a stub", () => {
  expect(linePath(values(100, NaN, 200, NaN, 300, 300), range)).toBe(
    "M-0.5 300h1M1.5 200h1M4 100l1 0",
  );
  expect(linePath(values(NaN, NaN), range)).toBe("");
});

test("linePath() and areaPath() do not draw the only sample as if it had lasted all along", () => {
  expect(linePath(values(100), range)).toBe("M-0.02 300h0.04");
  expect(areaPath(values(0), values(100), range)).toBe("M-0.02 300h0.04V400h-0.04z");
});

test("linePath() does not drift: the last point is where it would be alone", () => {
  const noisy = Float64Array.from(
    { length: 5000 },
    (_, index) => 200 + 150 * Math.sin(index * 1.7),
  );
  const path = linePath(noisy, range);
  const start = Number(/^M0 (\d+)l/.exec(path)?.[1]);
  const steps =
    path
      .slice(path.indexOf("l") + 1)
      .match(/-?\d+/g)
      ?.map(Number) ?? [];
  const sumOf = (from: number) =>
    steps.filter((_, index) => index % 2 === from).reduce((sum, step) => sum + step, 0);
  const end = start + sumOf(1);
  expect(sumOf(0)).toBe(4999);
  expect(end).toBe(toY(noisy.at(-1) ?? NaN, range));
});

test("linePath() writes steps of equal rise as one", () => {
  expect(linePath(values(100, 100, 100, 110, 120, 120), range)).toBe("M0 300l2 0 2-20 1 0");
});

test("areaPath() runs along the upper line and back along the lower one", () => {
  expect(areaPath(values(0, 10, 20), values(100, 110, 90), range)).toBe(
    "M0 300l1-10 1 20V380l-2 20z",
  );
});

test("areaPath() breaks where either line does, and gives a lone value a bar", () => {
  expect(areaPath(values(0, NaN, 20), values(100, 110, 90), range)).toBe(
    "M-0.5 300h1V400h-1zM1.5 310h1V380h-1z",
  );
});

test("toY() keeps values beyond the range on its edge", () => {
  expect([toY(-5, range), toY(1e9, range)]).toEqual([pathHeight, 0]);
});
