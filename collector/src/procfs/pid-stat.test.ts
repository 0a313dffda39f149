import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { damaged, findFault } from "./fuzz.ts";
import { parsePidStat } from "./pid-stat.ts";

/** As kernel 6.18 writes it, with the name given. */
function render(name: string): string {
  return `16354 (${name}) S 16340 16340 25781 0 -1 4194304 123 0 0 0 21 4 0 0 20 0 3 0 466777 3133440 405 18446744073709551615 94163000016896 94163000036777 140732348742400 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 94163000052784 94163000054400 94163653394432 140732348746448 140732348746468 140732348746468 140732348747755 0\n`;
}

const known = { pid: 16_354, cpuTicks: 25, threads: 3, startTicks: 466_777, residentPages: 405 };

test.each([
  ["postgres", "postgres"],
  ["a b", "a b"],
  [") S 1 1 (", ") S 1 1 ("],
  ["((sd-pam))", "((sd-pam))"],
  ["", ""],
  ["a\\nb", "a\nb"],
  ["a\\\\nb", "a\\nb"],
  ["caf\u00e9 \ufffd", "caf\u00e9 \ufffd"],
  ["=cmd|x", "=cmd|x"],
])("parsePidStat() reads the name (%s)", (written, name) => {
  expect(parsePidStat(render(written))).toEqual({ ...known, name });
});

test("parsePidStat() reads this process's file", () => {
  const { pid, threads, residentPages } = parsePidStat(readFileSync("/proc/self/stat", "utf8"));
  expect(pid).toBe(process.pid);
  expect(threads).toBeGreaterThan(0);
  expect(residentPages).toBeGreaterThan(100);
});

test.each([
  ["1 init S", '"1 init S" has no name in parentheses'],
  ["1 (init) S 0 1 1\n", "utime is missing, not a whole number"],
  [render("x").replace("16354", "self"), 'the pid is "self", not a whole number'],
])("parsePidStat() says what is wrong with %j", (text, message) => {
  expect(() => parsePidStat(text)).toThrow(
    new SyntaxError(`Cannot parse /proc/PID/stat: line 1: ${message}`),
  );
});

test("parsePidStat() gives numbers or a SyntaxError for any damaged text", () => {
  fc.assert(
    fc.property(damaged(render("kworker/0:1-events")), (text) => {
      const parse = (): unknown => {
        const { name, ...numbers } = parsePidStat(text);
        return typeof name === "string" ? numbers : name;
      };
      expect(findFault(parse, "/proc/PID/stat")).toBeNull();
    }),
  );
});
