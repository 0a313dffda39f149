import { expect, test } from "vitest";
import { findChangePoints } from "./change-points.ts";

/** Roughly normal, always the same: sums of twelve uniform numbers. */
function noise(length: number, seed = 1): Float64Array {
  let state = seed;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Float64Array.from({ length }, () => {
    let sum = -6;
    for (let part = 0; part < 12; part++) sum += uniform();
    return sum;
  });
}

test("findChangePoints() finds where the level changes, and the levels", () => {
  const values = noise(300).map(
    (value, index) => value + (index < 100 ? 20 : index < 220 ? 25 : 22),
  );
  const changes = findChangePoints(values);
  expect(changes.map(({ index }) => Math.round(index / 3) * 3)).toEqual([99, 219]);
  expect(changes[0]?.before).toBeCloseTo(20, 0);
  expect(changes[0]?.after).toBeCloseTo(25, 0);
  expect(changes[1]?.after).toBeCloseTo(22, 0);
});

test("findChangePoints() finds none in noise, whatever its size", () => {
  for (let seed = 1; seed <= 20; seed++) {
    expect(findChangePoints(noise(500, seed).map((value) => 1e6 + 1e3 * value))).toEqual([]);
  }
});

test("findChangePoints() takes a series that wanders slowly for no series of changes", () => {
  let count = 0;
  for (let seed = 1; seed <= 20; seed++) {
    let level = 0;
    const wandering = noise(500, seed).map((step) => (level = 0.8 * level + step));
    count += findChangePoints(wandering).length;
  }
  expect(count).toBeLessThan(3);
});

test("findChangePoints() finds the exact step of a series without noise", () => {
  const values = Float64Array.from({ length: 60 }, (_, index) => (index < 25 ? 3 : 4));
  expect(findChangePoints(values)).toEqual([{ index: 25, before: 3, after: 4 }]);
});

test("findChangePoints() takes one outlier for no change of the level", () => {
  const values = Float64Array.from({ length: 60 }, (_, index) => (index === 30 ? 100 : 1));
  expect(findChangePoints(values)).toEqual([]);
});

test("findChangePoints() finds the best of all places, also where a level is as short as it may be", () => {
  const levels = [0, 0, 0, 0, 5, 5, 5, 9, 8, 8, 8, 8, 8, 10, 10, 10, ...Array(12).fill(5), 2];
  const values = Float64Array.from(levels);
  const squares = (from: number, to: number): number => {
    const level = values.subarray(from, to);
    const mean = level.reduce((sum, value) => sum + value, 0) / level.length;
    return level.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  };
  const places = findChangePoints(values, { minimumLength: 6 }).map(({ index }) => index);
  expect(places).toEqual([7, 16]);
  for (let first = 6; first <= 17; first++) {
    for (let second = first + 6; second <= 23; second++) {
      const rest = squares(0, first) + squares(first, second) + squares(second, 29);
      expect(rest).toBeGreaterThanOrEqual(squares(0, 7) + squares(7, 16) + squares(16, 29));
    }
  }
});

test("findChangePoints() counts gaps in places, and not as values", () => {
  const values = Float64Array.from({ length: 80 }, (_, index) =>
    index < 20 ? NaN : index < 50 ? 1 : 9,
  );
  expect(findChangePoints(values)).toEqual([{ index: 50, before: 1, after: 9 }]);
});

test.each([[[]], [[1]], [[1, 2]], [[NaN, NaN, NaN]], [Array.from({ length: 50 }, () => 7)]])(
  "findChangePoints() of %j finds none",
  (values) => {
    expect(findChangePoints(Float64Array.from(values))).toEqual([]);
  },
);

test("findChangePoints() refuses more values than are worth their time", () => {
  expect(() => findChangePoints(new Float64Array(5001))).toThrow(RangeError);
});
