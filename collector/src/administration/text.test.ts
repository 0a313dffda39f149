import { formatCount } from "../count-of.ts";
import { expect, test } from "vitest";
import { createStyle } from "./terminal.ts";
import { formatAge, formatBytes, formatDuration, renderFields, renderTable } from "./text.ts";

test.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1000, "1.0 kB"],
  [99_949, "99.9 kB"],
  [99_951, "100 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [12_345_678, "12.3 MB"],
  [5e18, "5000 PB"],
])("formatBytes(%d) is %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, "0 s"],
  [59.6, "1 min"],
  [61, "1 min 1 s"],
  [3600, "1 h"],
  [3661, "1 h 1 min"],
  [90_000, "1 d 1 h"],
  [-5, "0 s"],
])("formatDuration(%d) is %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test("formatAge() and formatCount()", () => {
  expect(formatAge("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:01:30Z"))).toBe(
    "1 min 30 s ago",
  );
  expect([0, 999, 1000, 1_234_567].map(formatCount)).toEqual(["0", "999", "1,000", "1,234,567"]);
});

test("renderFields() and renderTable() align their columns", () => {
  const plain = createStyle(false);
  expect(
    renderFields(
      [
        ["a", "1"],
        ["long", "2"],
      ],
      plain,
    ),
  ).toBe("  a     1\n  long  2");
  expect(
    renderTable(
      [
        ["NAME", "X"],
        ["a", "1"],
        ["longer", "2"],
      ],
      plain,
    ),
  ).toBe("NAME    X\na       1\nlonger  2");
  expect(renderTable([["N"], ["a"]], createStyle(true))).toBe("\u001b[2mN\u001b[0m\na");
});
