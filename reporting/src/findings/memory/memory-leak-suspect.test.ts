import { expect, test } from "vitest";
import type { DataGrade } from "../../validation/grade-data.ts";
import { judgeMachine, type Course } from "../../testing/machine.ts";
import { memoryLeakSuspect } from "./memory-leak-suspect.ts";

const gibibyte = 2 ** 30;
const hourS = 3600;
/** Hours of minutes. */
const judge = (available: Course, hours: number) =>
  judgeMachine(
    memoryLeakSuspect,
    { mem_available: available },
    { rows: 60 * hours, intervalS: 60 },
  );
const daily: Course = (s) => gibibyte * Math.sin((2 * Math.PI * s) / (24 * hourS));

test("memory-leak-suspect warns of a steady trend, with its bounds and the time that is left", () => {
  // 100 MiB an hour, beside a daily course.
  const leak: Course = (s) => 10 * gibibyte - (s / hourS) * 100 * 2 ** 20 + 0.1 * daily(s);
  expect(judge(leak, 72)).toMatchObject({
    finding: {
      severity: "warning",
      confidence: "high",
      sentence: expect.stringMatching(
        /grew by about 2\.3\d.GiB a day throughout.*none is left in 30.h\./,
      ),
      evidence: [
        { sentence: expect.stringMatching(/with 95 % confidence between 2\.\d+.GiB and/) },
      ],
    },
  });
});

test("memory-leak-suspect is unsure of less than a day, for it may be its morning", () => {
  const leak: Course = (s) => 10 * gibibyte - (s / hourS) * 100 * 2 ** 20;
  expect(judge(leak, 13)).toMatchObject({ finding: { confidence: "low" } });
  expect(judge(leak, 30)).toMatchObject({
    finding: {
      confidence: "medium",
      advice: expect.arrayContaining([expect.stringContaining("Two days of data")]),
    },
  });
});

test("memory-leak-suspect only notices what would last for months", () => {
  const slow: Course = (s) => 10 * gibibyte - (s / hourS) * 8 * 2 ** 20;
  expect(judge(slow, 24 * 7)).toMatchObject({ finding: { severity: "notice" } });
});

test("memory-leak-suspect is silent on a daily course, on a step, and on what memory is for", () => {
  expect(judge((s) => 8 * gibibyte + daily(s), 48)).toMatchObject({ outcome: "clear" });
  const step: Course = (s) => (s < 12 * hourS ? 9 : 6) * gibibyte;
  expect(judge(step, 24)).toMatchObject({ outcome: "clear" });
  expect(judge(() => 9 * gibibyte, 24)).toMatchObject({ outcome: "clear" });
  // 2 % of all memory.
  const little: Course = (s) => 9 * gibibyte - (s / (24 * hourS)) * 0.32 * gibibyte;
  expect(judge(little, 24)).toMatchObject({ outcome: "clear" });
});

test("memory-leak-suspect refuses to judge less than twelve hours, and data that carries no trend", () => {
  const forbids = { rightSizing: null, dailyProfile: null, trend: "The clock was set." };
  const grade: DataGrade = { grade: "C", checks: [], limits: [], forbids };
  const torn = { rows: 1440, intervalS: 60, grade };
  expect(judgeMachine(memoryLeakSuspect, {}, torn)).toEqual({
    outcome: "refused",
    reason: "The clock was set.",
  });
  expect(judge(() => 9 * gibibyte, 11)).toMatchObject({
    outcome: "refused",
    reason: expect.stringMatching(/^11.h of data; a trend of memory needs 12.h/),
  });
  expect(judgeMachine(memoryLeakSuspect, { mem_available: null })).toMatchObject({
    outcome: "refused",
  });
});
