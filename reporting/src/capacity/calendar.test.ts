import { expect, test } from "vitest";
import { findTimeZone, utc } from "../time-zone.ts";
import { formatMinuteOfDay, minuteOfWeek, parseBusinessHours, periodAt } from "./calendar.ts";

const week = 7 * 1440;

const at = (text: string) => Date.parse(text) / 1000;

test("minuteOfWeek() counts from Monday on the reader's clock", () => {
  expect(minuteOfWeek(at("2026-03-02T00:00:00Z"), utc)).toBe(0);
  expect(minuteOfWeek(at("2026-03-08T23:59:59Z"), utc)).toBe(week - 1);
  expect(minuteOfWeek(at("2026-03-02T00:07:30Z"), findTimeZone("Asia/Kathmandu"))).toBe(
    5 * 60 + 52,
  );
  expect(minuteOfWeek(at("2026-03-02T00:00:00Z"), findTimeZone("America/New_York"))).toBe(
    week - 5 * 60,
  );
});

test.each([
  ["Mon-Fri 08:00-18:00", [1, 1, 1, 1, 1, 0, 0], 480, 1080],
  ["mon-sat 7-19", [1, 1, 1, 1, 1, 1, 0], 420, 1140],
  ["Sun-Thu 09:30-24:00", [1, 1, 1, 1, 0, 0, 1], 570, 1440],
  ["Mon,Wed,Friday 8-9", [1, 0, 1, 0, 1, 0, 0], 480, 540],
])("parseBusinessHours() reads %s", (text, days, fromMinute, toMinute) => {
  expect(parseBusinessHours(text)).toEqual({
    text,
    days: days.map((day) => day === 1),
    fromMinute,
    toMinute,
  });
});

test.each([
  "",
  "Mon-Fri",
  "Mon-Fri-Sun 8-18",
  "Mon-Fri 18-8",
  "Mon-Xyz 8-9",
  "Mon-Fri 8:75-9",
  "Mon-Fri 8-25",
  "8-18",
])("parseBusinessHours() refuses %j and says how to write it", (text) => {
  expect(() => parseBusinessHours(text)).toThrow(/Cannot use business hours.*Mon-Fri 08:00-18:00/);
});

test("periodAt() knows work, night and weekend", () => {
  const hours = parseBusinessHours("Mon-Fri 08:00-18:00");
  const friday = 4 * 1440;
  expect(
    [friday + 479, friday + 480, friday + 1079, friday + 1080, friday + 1440].map((minute) =>
      periodAt(minute, hours),
    ),
  ).toEqual(["night", "business", "business", "night", "weekend"]);
});

test("formatMinuteOfDay() reads as a clock", () => {
  expect([0, 125, 1439].map(formatMinuteOfDay)).toEqual(["00:00", "02:05", "23:59"]);
  expect([119.5, 1439.5].map(formatMinuteOfDay)).toEqual(["02:00", "00:00"]);
});
