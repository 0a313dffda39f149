import type { LineSpeed } from "../../capacity/line-speeds.ts";
import { expect, test } from "vitest";
import { parseBusinessHours } from "../../capacity/calendar.ts";
import { profileLoad } from "../../capacity/load-profile.ts";
import { testContext, testDataset, type Course } from "../../testing/machine.ts";
import { utc } from "../../time-zone.ts";
import type { Rule } from "../finding.ts";
import { memoryLeakSuspect } from "../memory/memory-leak-suspect.ts";
import { batchCollision } from "./batch-collision.ts";
import { growthTrend } from "./growth-trend.ts";
import { peakHour } from "./peak-hour.ts";

const businessHours = parseBusinessHours("Mon-Fri 08:00-18:00");
/** By days at 5 min; the data begins on a Monday. */
const judge = (rule: Rule, busy: Course, days = 5) => {
  const columns = { cpu_idle: (s: number) => 100 - busy(s), cpu_iowait: () => 0 };
  const dataset = testDataset({ rows: 288 * days, intervalS: 300, columns });
  const devices = { disks: [], interfaces: [], speeds: new Map() };
  const profile = profileLoad(dataset, devices, { businessHours, timeZone: utc });
  return rule.judge(dataset, testContext({ profile }));
};
const hourOf = (s: number) => (s / 3600) % 24;
const between = (from: number, to: number, high: number, low = 10): Course => {
  return (s) => (hourOf(s) >= from && hourOf(s) < to ? high : low);
};

test("batch-collision notices night work that runs into the morning", () => {
  expect(judge(batchCollision, between(5, 9, 80))).toMatchObject({
    finding: {
      severity: "notice",
      confidence: "high",
      sentence: expect.stringMatching(/begins at 05:00 \(UTC\).*1.h of business hours.*5.days/),
      evidence: [{ sentence: expect.stringContaining("CPU 80.0"), ranges: [{}, {}, {}, {}, {}] }],
    },
  });
});

test("batch-collision counts only the nights whose work ran into the morning", () => {
  const late = (s: number) => (s < 86_400 ? between(7, 9, 80)(s) : between(7, 7.5, 80)(s));
  expect(judge(batchCollision, late)).toMatchObject({
    finding: {
      confidence: "medium",
      sentence: expect.stringMatching(/begins at 07:00 .* at the most, 1 of the 5 times/),
      evidence: [{ sentence: expect.stringMatching(/for 30.min in the median/), ranges: [{}] }],
    },
  });
});

test("batch-collision is silent on work that ends in time, on one late night of weeks, and on the day's own load", () => {
  const once = (s: number) => (s < 86_400 ? between(7, 9, 80)(s) : between(7, 7.5, 80)(s));
  expect(judge(batchCollision, once, 21)).toMatchObject({ outcome: "clear" });
  expect(judge(batchCollision, between(2, 4, 80))).toMatchObject({ outcome: "clear" });
  expect(judge(batchCollision, between(5, 8.15, 80))).toMatchObject({ outcome: "clear" });
  expect(judge(batchCollision, between(6, 18, 80))).toMatchObject({ outcome: "clear" });
  expect(judge(batchCollision, () => 10)).toMatchObject({ outcome: "clear" });
});

test("batch-collision refuses a capture of nights alone", () => {
  expect(judge(batchCollision, () => 10, 0.25)).toMatchObject({ outcome: "refused" });
});

test("peak-hour notices the hour that the machine is as large for", () => {
  expect(judge(peakHour, between(9, 10, 85, 15))).toMatchObject({
    finding: {
      severity: "notice",
      sentence: expect.stringMatching(/between 09:00 and 10:00 \(UTC\) CPU is in use 85\.0/),
    },
  });
});

test("peak-hour is silent on a machine that is always busy or always idle, and refuses two days", () => {
  expect(judge(peakHour, () => 80)).toMatchObject({ outcome: "clear" });
  expect(judge(peakHour, between(9, 10, 20, 5))).toMatchObject({ outcome: "clear" });
  expect(judge(peakHour, between(9, 10, 85), 2)).toMatchObject({ outcome: "refused" });
});

test("growth-trend tells the weeks until a resource is full", () => {
  // 5 points a week; about 70 % after four weeks.
  const growing = (s: number) => 50 + (5 * s) / (7 * 86_400) + 2 * Math.sin(s / 7000);
  expect(judge(growthTrend, growing, 28)).toMatchObject({
    finding: {
      severity: "notice",
      title: expect.stringMatching(/^CPU will be at its limit in about [34] weeks$/),
      evidence: [{ sentence: expect.stringMatching(/5\.\d+.% more a week/) }],
    },
  });
});

test("growth-trend is silent on slow growth, on weekdays, and refuses a week", () => {
  expect(judge(growthTrend, (s) => 20 + s / (7 * 86_400), 28)).toMatchObject({ outcome: "clear" });
  const weekly = (s: number) => ((s / 86_400) % 7 < 5 ? 60 : 20);
  expect(judge(growthTrend, weekly, 20)).toMatchObject({ outcome: "clear" });
  expect(judge(growthTrend, () => 20, 7)).toMatchObject({ outcome: "refused" });
  expect(judge(growthTrend, () => NaN, 20)).toMatchObject({
    outcome: "refused",
    reason: expect.stringMatching(/^Neither CPU/),
  });
});

test("growth-trend contradicts that there are too many CPUs only where it is they that get busier", () => {
  expect(judge(growthTrend, (s) => 20 + (5 * s) / (7 * 86_400), 28)).toMatchObject({
    finding: { compatible: [] },
  });
  const disk = { disk_sda_busy: (s: number) => 30 + (5 * s) / (7 * 86_400) };
  const dataset = testDataset({
    rows: 288 * 28,
    intervalS: 300,
    columns: { cpu_idle: () => 95, cpu_iowait: () => 0, ...disk },
  });
  const devices = { disks: ["sda"], interfaces: [], speeds: new Map<string, LineSpeed>() };
  const profile = profileLoad(dataset, devices, { businessHours, timeZone: utc });
  expect(growthTrend.judge(dataset, testContext({ profile }))).toMatchObject({
    finding: { title: expect.stringContaining("Disk sda"), compatible: ["cpu-oversized"] },
  });
});

test("growth-trend leaves memory that grows to memory-leak-suspect, so that one of them speaks", () => {
  const gibibyte = 2 ** 30;
  const columns = {
    mem_available: (s: number) => 12 * gibibyte - (s / 86_400) * 0.25 * gibibyte,
    cpu_idle: () => 80,
  };
  const dataset = testDataset({ rows: 288 * 28, intervalS: 300, columns });
  const devices = { disks: [], interfaces: [], speeds: new Map() };
  const profile = profileLoad(dataset, devices, { businessHours, timeZone: utc });
  expect(profile.resources.map(({ use }) => use.kind)).toEqual(["cpu", "memory"]);
  const context = testContext({ profile });
  expect(memoryLeakSuspect.judge(dataset, context)).toMatchObject({ outcome: "finding" });
  expect(growthTrend.judge(dataset, context)).toEqual({
    outcome: "clear",
    sentence: "None of CPU grew with confidence.",
    confidence: "medium",
  });
});
