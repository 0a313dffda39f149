import { expect, test } from "vitest";
import { testDataset, type Course } from "../../testing/machine.ts";
import { pageBytesOf } from "./page-size.ts";

/** Free memory in steps of so many bytes, as the load of a machine leaves it. */
const inSteps = (bytes: number, rows = 60): number | null => {
  const free: Course = (s) => (s % 50 === 0 ? NaN : bytes * (9000 + ((s * 7919) % 4001)));
  return pageBytesOf(testDataset({ rows, columns: { mem_free: free } }));
};

test("pageBytesOf() tells the size of a page by free memory, which is whole pages", () => {
  for (const bytes of [4096, 16_384, 65_536]) expect(inSteps(bytes)).toBe(bytes);
  expect(inSteps(8192)).toBe(4096);
});

test("pageBytesOf() knows nothing of rounded values, of few, and of a machine without free memory", () => {
  for (const bytes of [1000, 1024, 2 ** 20, 3 * 2 ** 20]) expect(inSteps(bytes)).toBeNull();
  expect(inSteps(65_536, 12)).toBeNull();
  expect(pageBytesOf(testDataset({ rows: 60, columns: { mem_free: () => NaN } }))).toBeNull();
});
