import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readFixture } from "./fixtures.ts";
import { damaged, findFault } from "./fuzz.ts";
import { parsePressure } from "./pressure.ts";

const some = "some avg10=30.22 avg60=7.01 avg300=2.12 total=23412842\n";
const full = "full avg10=0.19 avg60=0.12 avg300=0.16 total=3551617\n";

test("parsePressure() reads both totals", () => {
  expect(parsePressure(some + full, "io")).toEqual({
    some_total_us: 23_412_842,
    full_total_us: 3_551_617,
  });
});

test("parsePressure() gives null for full of the CPU before kernel 5.13", () => {
  expect(parsePressure(some, "cpu")).toEqual({ some_total_us: 23_412_842, full_total_us: null });
});

test.each([
  [some.replace("23412842", "1x"), 'line 1: total of some is "1x", not a whole number'],
  [
    some + some,
    `line 2: ${JSON.stringify(some.trim())} is not a line "some …" or "full … total=…"`,
  ],
  [full, 'line 1: there is no line "some …"'],
  ["not supported\n", 'line 1: "not supported" is not a line "some …" or "full … total=…"'],
])("parsePressure() names line and value of %j", (text, message) => {
  expect(() => parsePressure(text, "memory")).toThrow(
    new SyntaxError(`Cannot parse /proc/pressure/memory: ${message}`),
  );
});

test("parsePressure() gives numbers or a SyntaxError for any damaged text", () => {
  fc.assert(
    fc.property(damaged(readFixture("linux-6.18/pressure/io")), (text) => {
      expect(findFault(() => parsePressure(text, "io"), "/proc/pressure/io")).toBeNull();
    }),
  );
});
