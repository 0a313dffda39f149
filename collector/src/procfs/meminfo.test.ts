import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readFixture } from "./fixtures.ts";
import { damaged, findFault } from "./fuzz.ts";
import { parseMeminfo } from "./meminfo.ts";

test("parseMeminfo() reads a captured file", () => {
  expect(parseMeminfo(readFixture("oci-containers/meminfo"))).toEqual({
    MemTotal: 4_004_576,
    MemFree: 2_084_496,
    MemAvailable: 3_358_200,
    Buffers: 32_416,
    Cached: 1_448_384,
    Active: 816_076,
    Inactive: 863_092,
    SwapTotal: 0,
    SwapFree: 0,
    Dirty: 368,
    AnonPages: 237_696,
    Slab: 106_844,
    Committed_AS: 2_082_740,
  });
});

test("parseMeminfo() gives null for MemAvailable of kernel 3.10", () => {
  const text =
    "MemTotal:        3880184 kB\nMemFree:          164080 kB\nBuffers:            2116 kB\n";
  expect(parseMeminfo(text)).toMatchObject({
    MemTotal: 3_880_184,
    MemFree: 164_080,
    MemAvailable: null,
    Buffers: 2116,
    Cached: null,
  });
});

test.each([
  ["MemTotal: 12 kB\nMemFree: 1,5 kB\n", 'line 2: MemFree is "1,5", not a whole number'],
  ["MemTotal:\nMemFree: 1 kB\n", "line 1: MemTotal is missing, not a whole number"],
  ["MemTotal: 12 kB\n", "line 2: the text ends without MemFree"],
  ["", "line 1: the text ends without MemTotal"],
])("parseMeminfo() names line and value of %j", (text, message) => {
  expect(() => parseMeminfo(text)).toThrow(
    new SyntaxError(`Cannot parse /proc/meminfo: ${message}`),
  );
});

test("parseMeminfo() gives numbers or a SyntaxError for any damaged text", () => {
  fc.assert(
    fc.property(damaged(readFixture("azure-ubuntu/meminfo")), (text) => {
      expect(findFault(() => parseMeminfo(text), "/proc/meminfo")).toBeNull();
    }),
  );
});
