import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { damaged, findFault } from "./fuzz.ts";
import { parsePidIo } from "./pid-io.ts";

const text =
  "rchar: 3980\nwchar: 0\nsyscr: 9\nsyscw: 0\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 512\n";

test("parsePidIo() reads bytes from and to disks", () => {
  expect(parsePidIo(text)).toEqual({ read_bytes: 4096, write_bytes: 8192 });
  expect(parsePidIo(readFileSync("/proc/self/io", "utf8")).read_bytes).not.toBeNull();
});

test("parsePidIo() names the line that is missing", () => {
  expect(() => parsePidIo("read_bytes: 1\n")).toThrow(
    "Cannot parse /proc/PID/io: line 2: the text ends without write_bytes",
  );
});

test("parsePidIo() gives numbers or a SyntaxError for any damaged text", () => {
  fc.assert(
    fc.property(damaged(text), (other) => {
      expect(findFault(() => parsePidIo(other), "/proc/PID/io")).toBeNull();
    }),
  );
});
