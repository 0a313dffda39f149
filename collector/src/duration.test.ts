import { expect, test } from "vitest";
import { parseDuration } from "./duration.ts";

test.each([
  ["10s", 10_000],
  ["5m", 300_000],
  ["24h", 86_400_000],
  ["1h30m", 5_400_000],
  ["500ms", 500],
  ["2d", 172_800_000],
  ["60", 60_000],
])("parseDuration() reads %s", (text, durationMs) => {
  expect(parseDuration(text)).toBe(durationMs);
});

test.each(["", "s", "1.5s", "-1s", "1 s", "10x", "1e3", "1h-5m", "9".repeat(40)])(
  "parseDuration() gives null for %j",
  (text) => {
    expect(parseDuration(text)).toBeNull();
  },
);
