import { expect, test } from "vitest";
import { testContext, testDataset, type Course } from "../../testing/machine.ts";
import { cpuOversized } from "./cpu-oversized.ts";
import { cpuUndersized } from "./cpu-undersized.ts";
import { memoryOversized } from "./memory-oversized.ts";
import type { Rule } from "../finding.ts";

const eightCpus = Object.fromEntries(
  Array.from({ length: 8 }, (_, cpu) => [`cpu${cpu}_idle`, () => 80]),
);
const judge = (
  rule: Rule,
  columns: Record<string, Course | null>,
  { cpuCount = 8, rightSizing = null }: { cpuCount?: number; rightSizing?: string | null } = {},
) =>
  rule.judge(
    testDataset({
      rows: 1440,
      intervalS: 60,
      columns: { ...eightCpus, cpu_iowait: () => 0, ...columns },
    }),
    testContext({
      cpuCount,
      grade: { ...testContext().grade, forbids: { ...testContext().grade.forbids, rightSizing } },
    }),
  );
const gibibyte = 2 ** 30;

test("cpu-oversized notices eight CPUs of which one is busy", () => {
  expect(judge(cpuOversized, { cpu_idle: () => 88 })).toMatchObject({
    finding: {
      severity: "notice",
      confidence: "medium",
      sentence: expect.stringMatching(/^2.CPUs of 8 would have carried the load of 24.h/),
    },
  });
});

test("cpu-oversized is silent where the peaks need the CPUs, and on a small machine", () => {
  expect(judge(cpuOversized, { cpu_idle: (s) => (s < 1800 ? 30 : 95) })).toMatchObject({
    outcome: "clear",
    sentence: expect.stringMatching(/8.CPUs are needed/),
  });
  expect(judge(cpuOversized, { cpu_idle: () => 95 }, { cpuCount: 2 })).toMatchObject({
    outcome: "clear",
  });
});

test("cpu-undersized warns of CPUs that are busy in the busiest hours, and is silent else", () => {
  expect(judge(cpuUndersized, { cpu_idle: (s) => (s < 9000 ? 15 : 70) })).toMatchObject({
    finding: {
      severity: "warning",
      evidence: [{ sentence: expect.stringContaining("8.5 CPUs") }],
    },
  });
  expect(judge(cpuUndersized, { cpu_idle: (s) => (s < 3600 ? 0 : 70) })).toMatchObject({
    outcome: "clear",
  });
});

test("cpu-undersized does not take bursts of seconds for a lack of headroom", () => {
  const columns = { cpu_idle: (s: number) => (s % 60 < 10 ? 0 : 98), cpu_iowait: () => 0 };
  const dataset = testDataset({ rows: 8640, columns });
  expect(cpuUndersized.judge(dataset, testContext({ cpuCount: 1 }))).toMatchObject({
    outcome: "clear",
  });
});

test("memory-oversized notices a machine of which a fifth is used", () => {
  expect(
    judge(memoryOversized, { mem_available: () => 14 * gibibyte, vm_pgin_bytes: () => 1000 }),
  ).toMatchObject({
    finding: { severity: "notice", confidence: "medium", title: expect.stringContaining("memory") },
  });
});

test("memory-oversized passes over some reading from disks, and is silent on a small machine", () => {
  const columns = { mem_available: () => 14 * gibibyte, vm_pgin_bytes: () => 5e6 };
  expect(judge(memoryOversized, columns)).toMatchObject({ outcome: "finding" });
  const small = { mem_total: () => 2 * gibibyte, mem_available: () => 1.8 * gibibyte };
  expect(judge(memoryOversized, { ...columns, ...small })).toMatchObject({ outcome: "clear" });
});

test("memory-oversized is silent where more is used, and where the cache is at work", () => {
  expect(judge(memoryOversized, { mem_available: () => 8 * gibibyte })).toMatchObject({
    outcome: "clear",
  });
  expect(
    judge(memoryOversized, { mem_available: () => 14 * gibibyte, vm_pgin_bytes: () => 5e7 }),
  ).toMatchObject({ outcome: "clear", sentence: expect.stringContaining("cache") });
});

test.each([cpuOversized, cpuUndersized, memoryOversized])(
  "$id refuses where the data forbids right-sizing, with the reason",
  (rule) => {
    const rightSizing = "11 h captured: no right-sizing below 24 h.";
    expect(judge(rule, {}, { rightSizing })).toEqual({ outcome: "refused", reason: rightSizing });
  },
);
