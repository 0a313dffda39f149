import { describe, expect, test } from "vitest";
import { findTimeZone } from "../time-zone.ts";
import { fitTicks, leastNarrow, leastWide } from "./fit-ticks.ts";
import { timeTicks } from "./time-axis.ts";
import { valueAxis } from "./value-axis.ts";
import { clockXAxis, elapsedXAxis, timeXAxis } from "./x-axis.ts";

const startS = Date.UTC(2026, 2, 2, 22, 10) / 1000;
const texts = (lengthS: number) =>
  timeTicks(startS, startS + lengthS).map(({ text, dateText }) =>
    [text, dateText].join(" ").trim(),
  );

describe("timeTicks()", () => {
  test("timeTicks() of a minute shows seconds", () => {
    expect(texts(60).slice(0, 3)).toEqual(["22:10:00 2 Mar", "22:10:15", "22:10:30"]);
  });
  test("timeTicks() of a single second is told to the second", () => {
    expect(timeTicks(startS - 0.5, startS + 0.5).map(({ text }) => text)).toEqual(["22:10:00"]);
  });
  test("timeTicks() of some hours shows the date where it begins", () => {
    expect(texts(4 * 3600)).toEqual([
      "22:30 2 Mar",
      "23:00",
      "23:30",
      "00:00 3 Mar",
      "00:30",
      "01:00",
      "01:30",
      "02:00",
    ]);
  });
  test("timeTicks() of weeks shows dates", () => {
    expect(texts(14 * 86_400)).toEqual([
      "4 Mar",
      "6 Mar",
      "8 Mar",
      "10 Mar",
      "12 Mar",
      "14 Mar",
      "16 Mar",
    ]);
  });
  test("timeTicks() of a year shows months", () => {
    expect(texts(365 * 86_400).slice(0, 2)).toEqual(["Apr 2026", "Jun 2026"]);
  });
  test("timeTicks() of a zone are round on its clocks, also where these are half an hour off", () => {
    const kolkata = findTimeZone("Asia/Kolkata");
    const ticks = timeTicks(startS, startS + 6 * 3600, kolkata);
    expect(ticks.slice(0, 2).map(({ text, dateText }) => [text, dateText])).toEqual([
      ["04:00", "3 Mar"],
      ["05:00", ""],
    ]);
    expect(ticks[0]?.timeS).toBe(Date.UTC(2026, 2, 2, 22, 30) / 1000);
  });
  test("timeTicks() leaves out the hour that clocks put forward skip, and stays round after it", () => {
    const fromS = Date.UTC(2026, 2, 28, 22) / 1000;
    const ticks = timeTicks(fromS, fromS + 6 * 3600, findTimeZone("Europe/Berlin"));
    expect(ticks.map(({ text }) => text)).toEqual([
      "23:00",
      "00:00",
      "01:00",
      "03:00",
      "04:00",
      "05:00",
      "06:00",
    ]);
    const hours = ticks.map(({ timeS }) => (timeS - fromS) / 3600);
    expect(hours).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});

test("clockXAxis() goes on behind midnight, and ends a day at 24:00", () => {
  const ticks = (from: number, hours: number) =>
    clockXAxis({ startS: from * 3600, bucketS: 60, length: hours * 60 }, "UTC").ticks.map(
      ({ text }) => text,
    );
  expect(ticks(22, 4)).toEqual([
    "22:00",
    "22:30",
    "23:00",
    "23:30",
    "00:00",
    "00:30",
    "01:00",
    "01:30",
    "02:00",
  ]);
  expect(ticks(20, 4).at(-1)).toBe("24:00");
});

describe("valueAxis()", () => {
  const axis = (unit: Parameters<typeof valueAxis>[0], low: number, high: number) => {
    const { unitText, ticks } = valueAxis(unit, { low, high });
    return `${ticks.map(({ text }) => text).join(" ")} ${unitText}`.trim();
  };
  test.each([
    ["percent", 0, 100, "0 20 40 60 80 100 %"],
    ["bytes", 0, 12 * 2 ** 30, "0 2 4 6 8 10 12 GiB"],
    ["bytes/s", -3e6, 1.4e6, "3 2 1 0 1 2 MiB/s"],
    ["1/s", 0, 45_000, "0 10 20 30 40 50 k/s"],
    ["ms", 0, 0.7, "0.0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 ms"],
    ["count", 0, 0, "0.0 0.2 0.4 0.6 0.8 1.0"],
    ["count", 0, 5e-324, "0.0 0.2 0.4 0.6 0.8 1.0"],
    ["bytes/s", -5e-324, 0.0009, "0.2 0.0 0.2 0.4 0.6 0.8 1.0 B/s"],
    ["bytes", 0, 1e24, "0 200,000,000 400,000,000 600,000,000 800,000,000 1,000,000,000 PiB"],
  ] as const)("valueAxis() of %s from %d to %d reads %s", (unit, low, high, expected) => {
    expect(axis(unit, low, high)).toBe(expected);
  });
});

test("elapsedXAxis() counts from an event, at round times on either side of it", () => {
  const { ticks, start } = elapsedXAxis({ startS: -1500, bucketS: 10, length: 450 }, "");
  expect(start).toBe(-1500);
  expect(ticks.map(({ text }) => text.replaceAll("\u{a0}", " "))).toEqual([
    "−15 min",
    "0",
    "15 min",
    "30 min",
    "45 min",
  ]);
  expect(ticks.filter(({ minor }) => !minor).map(({ share }) => share)).toEqual(
    [1500, 3300].map((timeS) => timeS / 4500),
  );
});

test("ticks have room for their texts wherever an axis begins and however long it is, and some are left on a phone", () => {
  for (let lengthS = 20; lengthS < 400 * 86_400; lengthS = Math.ceil(1.09 * lengthS)) {
    for (const lateS of [0, 61, 3700, 20_000, 50_000]) {
      const span = { startS: startS + lateS, bucketS: 1, length: lengthS };
      const axes = [timeXAxis(span), elapsedXAxis({ ...span, startS: -lateS % lengthS }, "")];
      for (const { ticks } of axes) {
        const major = ticks.filter(({ minor }) => !minor);
        const isRoom = fitTicks(ticks, leastWide) && fitTicks(major, leastNarrow);
        expect([lengthS, lateS, isRoom]).toEqual([lengthS, lateS, true]);
        expect([ticks.length, major.length].map((count) => Math.min(count, 2))).toEqual([2, 2]);
      }
    }
  }
});

test("timeTicks() on a phone keep midnight, with its date", () => {
  const major = timeTicks(startS, startS + 4 * 3600).filter(({ minor }) => !minor);
  expect(major.map(({ text, dateText }) => [text, dateText])).toContainEqual(["00:00", "3 Mar"]);
});
