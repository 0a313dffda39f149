import * as fc from "fast-check";
import { expect, test } from "vitest";
import { damaged, findFault } from "./fuzz.ts";
import { parseLoadavg } from "./loadavg.ts";

test("parseLoadavg() reads the three loads", () => {
  expect(parseLoadavg("0.25 0.11 120.08 2/94 6580\n")).toEqual({
    load1: 0.25,
    load5: 0.11,
    load15: 120.08,
  });
});

test.each([
  ["0.25 nan 0.08 2/94 6580\n", 'field 2 is "nan"'],
  ["0.25 0.11\n", "field 3 is missing"],
  ["", 'field 1 is ""'],
])("parseLoadavg() names field and value of %j", (text, message) => {
  expect(() => parseLoadavg(text)).toThrow(
    new SyntaxError(`Cannot parse /proc/loadavg: line 1: ${message}, not a load such as 0.25`),
  );
});

test("parseLoadavg() gives numbers or a SyntaxError for any damaged text", () => {
  fc.assert(
    fc.property(damaged("0.25 0.11 0.08 2/94 6580\n"), (text) => {
      expect(findFault(() => parseLoadavg(text), "/proc/loadavg")).toBeNull();
    }),
  );
});
