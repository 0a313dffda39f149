import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readFixture } from "./fixtures.ts";
import { damaged, findFault } from "./fuzz.ts";
import { parseVmstat } from "./vmstat.ts";

test("parseVmstat() reads the wanted lines of a captured file and no others", () => {
  const text = readFixture("linux-6.18/vmstat");
  const line = (name: string): number =>
    Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? Number.NaN);
  expect(parseVmstat(text)).toEqual({
    pgpgin: line("pgpgin"),
    pgpgout: line("pgpgout"),
    pswpin: line("pswpin"),
    pswpout: line("pswpout"),
    pgfault: line("pgfault"),
    pgmajfault: line("pgmajfault"),
    oom_kill: line("oom_kill"),
  });
});

test("parseVmstat() gives null for oom_kill before kernel 4.13", () => {
  expect(
    parseVmstat("pgpgin 1\npgpgout 2\npswpin 3\npswpout 4\npgfault 5\npgmajfault 6\n"),
  ).toEqual({
    pgpgin: 1,
    pgpgout: 2,
    pswpin: 3,
    pswpout: 4,
    pgfault: 5,
    pgmajfault: 6,
    oom_kill: null,
  });
});

test.each([
  ["pgpgin 1\npgfault five\n", 'line 2: pgfault is "five", not a whole number'],
  ["pgpgin 1\n", "line 2: the text ends without pgfault"],
])("parseVmstat() names line and value of %j", (text, message) => {
  expect(() => parseVmstat(text)).toThrow(new SyntaxError(`Cannot parse /proc/vmstat: ${message}`));
});

test("parseVmstat() gives numbers or a SyntaxError for any damaged text", () => {
  fc.assert(
    fc.property(damaged(readFixture("linux-6.18/vmstat")), (text) => {
      expect(findFault(() => parseVmstat(text), "/proc/vmstat")).toBeNull();
    }),
  );
});
