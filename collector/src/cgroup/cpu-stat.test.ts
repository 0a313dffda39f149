import * as fc from "fast-check";
import { expect, test } from "vitest";
import { damaged, findFault } from "../procfs/fuzz.ts";
import { parseCpuStat } from "./cpu-stat.ts";
import { cgroups, readCgroupFixture } from "./fixtures.ts";

test("parseCpuStat() reads the wanted lines and no others", () => {
  expect(parseCpuStat(readCgroupFixture("limited/cpu.stat"))).toEqual({
    usage_usec: 2_923_730,
    user_usec: 2_477_237,
    system_usec: 446_493,
    nr_periods: 83,
    nr_throttled: 52,
    throttled_usec: 2_326_325,
  });
});

test("parseCpuStat() gives null for throttling where the cpu controller is not enabled", () => {
  expect(parseCpuStat(readCgroupFixture("core-only/cpu.stat"))).toEqual({
    usage_usec: 3911,
    user_usec: 1022,
    system_usec: 2889,
    nr_periods: null,
    nr_throttled: null,
    throttled_usec: null,
  });
});

test("parseCpuStat() reads the file of podman's pods, whose cpu controller is not enabled", () => {
  expect(parseCpuStat(readCgroupFixture("machine-slice-5.x/cpu.stat"))).toEqual({
    usage_usec: 1_431_652_522,
    user_usec: 665_921_596,
    system_usec: 765_730_925,
    nr_periods: null,
    nr_throttled: null,
    throttled_usec: null,
  });
});

test.each([
  ["user_usec 1\n", "line 2: the text ends without usage_usec"],
  ["usage_usec 1.5\n", 'line 1: usage_usec is "1.5", not a whole number'],
])("parseCpuStat() names line and value of %j", (text, message) => {
  expect(() => parseCpuStat(text)).toThrow(new SyntaxError(`Cannot parse cpu.stat: ${message}`));
});

test.each(cgroups)(
  "parseCpuStat() gives numbers or a SyntaxError for any damaged text (%s)",
  (name) => {
    fc.assert(
      fc.property(damaged(readCgroupFixture(`${name}/cpu.stat`)), (text) => {
        expect(findFault(() => parseCpuStat(text), "cpu.stat")).toBeNull();
      }),
    );
  },
);
