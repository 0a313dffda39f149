import { describe, expect, test } from "vitest";
import { byteSize, duration, wholeNumber } from "./setting-shapes.ts";

describe("byteSize()", () => {
  const size = byteSize("", { default: "64M", leastBytes: 1024 });

  test.each([
    ["1024", 1024],
    ["64M", 64 * 2 ** 20],
    ["2KiB", 2048],
    ["1GB", 2 ** 30],
    ["1T", 2 ** 40],
    ["64m", 64 * 2 ** 20],
    ["2kb", 2048],
  ])("byteSize() takes %s", (text, bytes) => {
    expect(size.parse(text)).toBe(bytes);
  });

  test.each(["", "M", "-1", "1023", "1.5G", "64 M", "64ms", "9999999T"])(
    "byteSize() refuses %j",
    (text) => {
      expect(() => size.parse(text)).toThrow("a size of at least 1024 bytes, such as 64M or 1G");
    },
  );
});

describe("duration()", () => {
  const time = duration("", { default: "5s", least: "1s", most: "1h" });

  test("duration() takes what lies between its bounds, and both of them", () => {
    expect(["1s", "90", "1h"].map((text) => time.parse(text))).toEqual([1000, 90_000, 3_600_000]);
  });

  test.each(["", "0", "999ms", "61m", "soon"])("duration() refuses %j", (text) => {
    expect(() => time.parse(text)).toThrow("a time from 1s to 1h");
  });
});

describe("wholeNumber()", () => {
  const number = wholeNumber("", { default: null, least: 1, most: 500 });

  test("wholeNumber() takes what lies between its bounds, and both of them", () => {
    expect(["1", "007", "500"].map((text) => number.parse(text))).toEqual([1, 7, 500]);
  });

  test.each(["", "0", "501", "1e2", "1.0", "-1"])("wholeNumber() refuses %j", (text) => {
    expect(() => number.parse(text)).toThrow("a whole number from 1 to 500");
  });
});
