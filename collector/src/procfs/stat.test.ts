import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readFixture } from "./fixtures.ts";
import { damaged, findFault } from "./fuzz.ts";
import { parseStat } from "./stat.ts";

test("parseStat() reads all CPUs, each one and the counters of a captured file", () => {
  const { cpus, counters } = parseStat(readFixture("oci-containers/stat"));
  expect([...cpus.keys()]).toEqual(["cpu", "cpu0", "cpu1"]);
  expect(cpus.get("cpu")).toEqual({
    user: 2203,
    nice: 131,
    system: 1704,
    idle: 42_856,
    iowait: 1082,
    irq: 0,
    softirq: 24,
    steal: 146,
    guest: 0,
    guest_nice: 0,
  });
  expect(cpus.get("cpu1")?.user).toBe(1057);
  expect(counters).toEqual({
    intr: 180_885,
    ctxt: 212_825,
    btime: 1_768_021_182,
    processes: 3614,
    procs_running: 4,
    procs_blocked: 0,
  });
});

test("parseStat() keeps the numbers of CPUs when one is offline", () => {
  const { cpus } = parseStat(
    "cpu 1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\ncpu7 1 2 3 4 5 6 7 8 9 10\n",
  );
  expect([...cpus.keys()]).toEqual(["cpu", "cpu0", "cpu7"]);
});

test("parseStat() gives null for what an old kernel does not count", () => {
  const { cpus, counters } = parseStat("cpu  1 2 3 4 5 6 7 8\ncpu0 1 2 3 4 5 6 7 8\nctxt 5\n");
  expect(cpus.get("cpu0")).toMatchObject({ steal: 8, guest: null, guest_nice: null });
  expect(counters).toMatchObject({ ctxt: 5, btime: null, procs_blocked: null });
});

test.each([
  ["cpu  1 2 x 4 5 6 7 8\n", 'line 1: system of cpu is "x", not a whole number'],
  [
    "cpu  1 2 3 4 5 6 7 8\ncpu0 1 2 3 -4 5 6 7 8\n",
    'line 2: idle of cpu0 is "-4", not a whole number',
  ],
  ["cpu  1 2 3 4 5 6 7\n", "line 1: cpu has 7 values, not at least 8"],
  [
    "cpu  1 2 3 4 5 6 7 8\ncpu0 1 2 3 4 5 6 7 8\ncpu0 1 2 3 4 5 6 7 8\n",
    'line 3: "cpu0" stands twice',
  ],
  ["cpu  1 2 3 4 5 6 7 8\nctxt 12e3\n", 'line 2: ctxt is "12e3", not a whole number'],
  ["cpu  1 2 3 4 5 6 7 8\nctxt \n", "line 2: ctxt is missing, not a whole number"],
  ["", 'line 1: there is no line "cpu …" of all CPUs'],
])("parseStat() names line and value of %j", (text, message) => {
  expect(() => parseStat(text)).toThrow(new SyntaxError(`Cannot parse /proc/stat: ${message}`));
});

test("parseStat() gives numbers or a SyntaxError for any damaged text", () => {
  fc.assert(
    fc.property(damaged(readFixture("linux-6.18/stat")), (text) => {
      expect(findFault(() => parseStat(text), "/proc/stat")).toBeNull();
    }),
  );
});
