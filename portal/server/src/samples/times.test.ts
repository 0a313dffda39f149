import { describe, expect, test } from "vitest";
import { parseTime, toTime } from "./times.ts";

describe("parseTime()", () => {
  const noonS = Date.UTC(2026, 0, 31, 12) / 1000;

  test("takes Unix seconds, RFC 3339 in any zone and dates", () => {
    expect(parseTime("0")).toBe(0);
    expect(parseTime(String(noonS))).toBe(noonS);
    expect(parseTime("2026-01-31T12:00:00Z")).toBe(noonS);
    expect(parseTime("2026-01-31t12:00:00z")).toBe(noonS);
    expect(parseTime("2026-01-31 14:00:00+02:00")).toBe(noonS);
    expect(parseTime("2026-01-31")).toBe(noonS - 43_200);
    expect(parseTime("2024-02-29")).toBe(Date.UTC(2024, 1, 29) / 1000);
  });

  test("rounds fractions up, so that a range holds the same whole seconds", () => {
    expect(parseTime("2026-01-31T12:00:00.000Z")).toBe(noonS);
    expect(parseTime("2026-01-31T11:59:59.001Z")).toBe(noonS);
  });

  test("refuses everything else", () => {
    for (const text of [
      "",
      "now",
      "-1",
      "1e9",
      "1.5",
      "9999999999999",
      "253402300800",
      "2026-02-29",
      "2026-04-31T00:00:00Z",
      "2026-13-01",
      "2026-01-31T25:00:00Z",
      "2026-01-31T12:00:00",
      "2026-01-31T12:00Z",
      "1969-12-31T23:59:59Z",
    ]) {
      expect([text, parseTime(text)]).toEqual([text, null]);
    }
  });
});

test("toTime() gives RFC 3339 in UTC", () => {
  expect(toTime(1_769_860_800)).toBe("2026-01-31T12:00:00Z");
});
