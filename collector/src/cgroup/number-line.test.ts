// memory.current, memory.max and pids.current.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { damaged, findFault } from "../procfs/fuzz.ts";
import { readCgroupFixture } from "./fixtures.ts";
import { parseMemoryCurrent } from "./memory-current.ts";
import { parseMemoryMax } from "./memory-max.ts";
import { parsePidsCurrent } from "./pids-current.ts";

test("parseMemoryCurrent(), parseMemoryMax() and parsePidsCurrent() read the number", () => {
  expect(parseMemoryCurrent(readCgroupFixture("limited/memory.current"))).toBe(58_802_176);
  expect(parseMemoryMax(readCgroupFixture("limited/memory.max"))).toBe(536_870_912);
  expect(parsePidsCurrent(readCgroupFixture("unlimited/pids.current"))).toBe(214);
});

test("parseMemoryMax() gives null where there is no limit", () => {
  expect(parseMemoryMax(readCgroupFixture("unlimited/memory.max"))).toBeNull();
});

describe.each([
  { file: "memory.current", parse: parseMemoryCurrent },
  { file: "memory.max", parse: parseMemoryMax },
  { file: "pids.current", parse: parsePidsCurrent },
])("the parser of $file", ({ file, parse }) => {
  test.each([
    ["", 'line 1: the value is "", not a whole number'],
    ["many\n", 'line 1: the value is "many", not a whole number'],
    ["1\n2\n", "line 2: there is more than one line"],
  ])("names the value of %j", (text, message) => {
    expect(() => parse(text)).toThrow(new SyntaxError(`Cannot parse ${file}: ${message}`));
  });

  test("gives a number or a SyntaxError for any damaged text", () => {
    fc.assert(
      fc.property(damaged("58802176\n"), (text) => {
        expect(findFault(() => parse(text), file)).toBeNull();
      }),
    );
  });
});
