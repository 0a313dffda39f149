import * as fc from "fast-check";
import { expect, test } from "vitest";
import { damaged, findFault } from "../procfs/fuzz.ts";
import { parseCpuMax } from "./cpu-max.ts";
import { readCgroupFixture } from "./fixtures.ts";

test("parseCpuMax() reads quota and period, and no quota where there is no limit", () => {
  expect(parseCpuMax(readCgroupFixture("limited/cpu.max"))).toEqual({
    quota_usec: 50_000,
    period_usec: 100_000,
  });
  expect(parseCpuMax(readCgroupFixture("unlimited/cpu.max"))).toEqual({
    quota_usec: null,
    period_usec: 100_000,
  });
});

test.each([
  ["", '"" is not a quota and a period'],
  ["max\n", '"max\\n" is not a quota and a period'],
  ["-1 100000\n", 'the quota is "-1", not a whole number'],
  ["50000 max\n", 'the period is "max", not a whole number'],
])("parseCpuMax() names the value of %j", (text, message) => {
  expect(() => parseCpuMax(text)).toThrow(
    new SyntaxError(`Cannot parse cpu.max: line 1: ${message}`),
  );
});

test("parseCpuMax() gives numbers or a SyntaxError for any damaged text", () => {
  fc.assert(
    fc.property(damaged("50000 100000\n"), (text) => {
      expect(findFault(() => parseCpuMax(text), "cpu.max")).toBeNull();
    }),
  );
});
