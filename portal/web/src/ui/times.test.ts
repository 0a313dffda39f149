import { expect, test } from "vitest";
import { createTimes, isLive, parseTime, renderAge, renderDuration, renderUtc } from "./times.ts";

const noonS = parseTime("2026-11-23T12:04:05Z");

test("createTimes() shows times in the zone and names it with its offset at that time", () => {
  const berlin = createTimes("Europe/Berlin");
  expect(berlin.full(noonS)).toBe("23 Nov 2026, 13:04:05");
  expect(berlin.zoneLabel(noonS)).toBe("Europe/Berlin (UTC+1)");
  expect(berlin.zoneLabel(parseTime("2026-07-01T00:00:00Z"))).toBe("Europe/Berlin (UTC+2)");
  expect(createTimes("UTC").zoneLabel(noonS)).toBe("UTC");
});

test("createTimes() shows midnight as 00, not 24", () => {
  expect(createTimes("UTC").clock(parseTime("2026-11-23T00:00:01Z"))).toBe("00:00:01");
});

test("renderUtc() gives the same instant for every reader", () => {
  expect(renderUtc(noonS)).toBe("2026-11-23 12:04:05 UTC");
});

test("parseTime() refuses what is no time", () => {
  expect(() => parseTime("yesterday")).toThrow('Cannot read the time "yesterday"');
});

test("renderAge() says live for fresh samples, also where the clocks differ", () => {
  expect([-5, 0, 14, 42, 200, 7_300, 86_400 * 5].map(renderAge)).toEqual([
    "live",
    "live",
    "live",
    "42 s ago",
    "3 min ago",
    "2 h ago",
    "5 days ago",
  ]);
  expect(isLive(15)).toBe(false);
});

test("renderDuration() shows the two largest units that touch", () => {
  expect([0, 45, 900, 9_000, 86_400, 273_600, 86_460].map(renderDuration)).toEqual([
    "0 s",
    "45 s",
    "15 min",
    "2 h 30 min",
    "1 day",
    "3 days 4 h",
    "1 day",
  ]);
});
