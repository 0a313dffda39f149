// memory.stat and memory.events.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { damaged, findFault } from "../procfs/fuzz.ts";
import { cgroups, readCgroupFixture } from "./fixtures.ts";
import { parseMemoryEvents } from "./memory-events.ts";
import { parseMemoryStat } from "./memory-stat.ts";

test("parseMemoryStat() reads the wanted lines, not those whose names only begin or end like them", () => {
  expect(parseMemoryStat(readCgroupFixture("limited/memory.stat"))).toEqual({
    anon: 110_592,
    file: 57_663_488,
  });
  expect(parseMemoryStat("active_anon 1\nanon_thp 2\nanon 3\nfile_mapped 4\nfile 5\n")).toEqual({
    anon: 3,
    file: 5,
  });
});

test("parseMemoryStat() and parseMemoryEvents() read the files of podman's pods", () => {
  const read = (name: string): string => readCgroupFixture(`machine-slice-5.x/${name}`);
  expect(parseMemoryStat(read("memory.stat"))).toEqual({ anon: 0, file: 98_304 });
  expect(parseMemoryEvents(read("memory.events"))).toEqual({ oom_kill: 0 });
});

test("parseMemoryStat() names the line that is missing", () => {
  expect(() => parseMemoryStat("anon 1\n")).toThrow(
    new SyntaxError("Cannot parse memory.stat: line 2: the text ends without file"),
  );
});

test("parseMemoryEvents() reads the kills, and null before kernel 4.13", () => {
  expect(parseMemoryEvents(readCgroupFixture("limited/memory.events"))).toEqual({ oom_kill: 2 });
  expect(parseMemoryEvents("low 0\nhigh 0\nmax 3\noom 1\n")).toEqual({ oom_kill: null });
});

test.each(cgroups)(
  "parseMemoryStat() and parseMemoryEvents() give numbers or a SyntaxError for any damaged text (%s)",
  (name) => {
    fc.assert(
      fc.property(damaged(readCgroupFixture(`${name}/memory.stat`)), (text) => {
        expect(findFault(() => parseMemoryStat(text), "memory.stat")).toBeNull();
      }),
    );
    fc.assert(
      fc.property(damaged(readCgroupFixture(`${name}/memory.events`)), (text) => {
        expect(findFault(() => parseMemoryEvents(text), "memory.events")).toBeNull();
      }),
    );
  },
);
