import { expect, test } from "vitest";
import { boughtGibibytes, roundUpCpus, roundUpGibibytes } from "./sizes.ts";

const gibibyte = 2 ** 30;

test.each([
  [0.2, 1],
  [1, 1],
  [2.1, 4],
  [8.01, 16],
  [33, 48],
  [700, 700],
])("roundUpCpus() takes %d CPUs for a machine of %i", (needed, size) => {
  expect(roundUpCpus(needed)).toBe(size);
});

test.each([
  [15.6, 16],
  [16, 16],
  [0.46, 0.5],
  [12.04, 12],
])("boughtGibibytes() takes %d GiB for a machine of %d", (total, size) => {
  expect(boughtGibibytes(total * gibibyte)).toBe(size);
});

test("roundUpGibibytes() leaves room for what firmware and kernel take", () => {
  expect(roundUpGibibytes(7.7 * gibibyte, 15.6 * gibibyte)).toBe(8);
  // 7.9 of 7.8 usable.
  expect(roundUpGibibytes(7.9 * gibibyte, 15.6 * gibibyte)).toBe(16);
});
