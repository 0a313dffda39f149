import { describe, expect, test } from "vitest";
import {
  formatBounds,
  formatDuration,
  formatFixed,
  formatBitRate,
  formatNumber,
  formatRange,
  formatShare,
  formatTime,
  formatValue,
  keepUnits,
  lowerFirst,
} from "./format.ts";

const space = "\u{a0}";

describe("formatValue()", () => {
  test.each([
    [0, "percent", "0 %"],
    [37.46, "percent", "37.5 %"],
    [100, "percent", "100 %"],
    [1023, "bytes", "1,023 B"],
    [1.5 * 2 ** 30, "bytes", "1.50 GiB"],
    [2 ** 30 - 2 ** 10, "bytes", "1.00 GiB"],
    [25 * 2 ** 20, "bytes/s", "25.0 MiB/s"],
    [1234, "1/s", "1,234 /s"],
    [45_300, "1/s", "45.3 k/s"],
    [0.25, "ms", "0.25 ms"],
    [0.0004, "1/s", "<0.001 /s"],
    [0.0005, "1/s", "0.001 /s"],
    [2500, "ms", "2.50 s"],
    [3, "count", "3.00"],
    [NaN, "bytes", "–"],
  ] as const)("formatValue() of %d %s is %s", (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text.replaceAll(" ", space));
  });
});

test("formatBitRate() shows bits as lines are sold by, without needless digits", () => {
  const told = [1.25e6, 12.5e6, 125e6, 312.5e6, 1.25e9, 50e9, 118e6, 0.94e9].map(formatBitRate);
  expect(told.map((text) => text.replace("\u{a0}", " "))).toEqual([
    "10 Mbit/s",
    "100 Mbit/s",
    "1 Gbit/s",
    "2.5 Gbit/s",
    "10 Gbit/s",
    "400 Gbit/s",
    "944 Mbit/s",
    "7.52 Gbit/s",
  ]);
});

test("formatNumber() shows three significant digits", () => {
  expect([0.01234, 0.1234, 1.234, 12.34, 123.4, 1234].map(formatNumber)).toEqual([
    "0.012",
    "0.12",
    "1.23",
    "12.3",
    "123",
    "1,234",
  ]);
});

test("formatFixed() has no sign for what rounds to zero", () => {
  expect([formatFixed(-0.001, 2), formatFixed(-1234.5, 1)]).toEqual(["0.00", "−1,234.5"]);
});

test("formatShare() never rounds up to a whole that was not reached", () => {
  expect([formatShare(1), formatShare(0.99997), formatShare(0.5)]).toEqual(
    ["100 %", "99.99 %", "50 %"].map((text) => text.replace(" ", space)),
  );
});

test("formatDuration() shows the two largest parts that are not zero", () => {
  const texts = [0, 59, 61, 3600, 100_000, 3 * 86_400 + 7200].map(formatDuration);
  expect(texts.map((text) => text.replaceAll(space, " "))).toEqual([
    "0 s",
    "59 s",
    "1 min 1 s",
    "1 h",
    "27 h 46 min",
    "3 d 2 h",
  ]);
});

test("formatTime() and formatRange() are UTC, with the date once where it is the same", () => {
  const startS = Date.UTC(2026, 2, 2, 6, 5) / 1000;
  expect(formatTime(startS + 7)).toBe("2 Mar 2026 06:05:07");
  expect(formatRange(startS, startS + 60)).toBe("2 Mar 2026 06:05 – 06:06 UTC");
  expect(formatRange(startS, startS + 67)).toBe("2 Mar 2026 06:05:00 – 06:06:07 UTC");
  expect(formatRange(startS, startS + 86_400)).toBe("2 Mar 2026 06:05 – 3 Mar 2026 06:05 UTC");
});

test("lowerFirst() leaves acronyms as they are", () => {
  expect(["Disk sda is full", "CPU time", "I/O wait", "eth0", "A disk"].map(lowerFirst)).toEqual([
    "disk sda is full",
    "CPU time",
    "I/O wait",
    "eth0",
    "a disk",
  ]);
});

test("keepUnits() keeps numbers and their units together, and nothing else", () => {
  expect(keepUnits("limit 90 % for 5 min, 16.0 KiB in 2 disks, 3 more")).toBe(
    `limit 90${space}% for 5${space}min, 16.0${space}KiB in 2 disks, 3 more`,
  );
});

test("formatBounds() says bounds that read differently, and no bounds that do not", () => {
  expect(formatBounds("2.10 GiB", "2.30 GiB")).toBe(
    ", with 95 % confidence between 2.10 GiB and 2.30 GiB",
  );
  expect(formatBounds("6", "6")).toBe(", with 95 % confidence");
});
