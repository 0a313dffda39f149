import { expect, test } from "vitest";
import type { DataGrade } from "../validation/grade-data.ts";
import type { Grade } from "../validation/grade.ts";
import { testDataset, type Course, type TestMachine } from "../testing/machine.ts";
import { optionAt, sizeCpus, sizeMemory, type SizingResult } from "./sizing.ts";

const graded = (grade: Grade, rightSizing: string | null = null): DataGrade => ({
  grade,
  checks: [],
  limits: [],
  forbids: { rightSizing, dailyProfile: null, trend: null },
});
const good = graded("A");
const day: TestMachine = { rows: 1440, intervalS: 60 };
const machine = (columns: Record<string, Course | null>, changes: Partial<TestMachine> = {}) =>
  testDataset({ ...day, ...changes, columns: { cpu_iowait: () => 0, ...columns } });
const cpus = (idle: Course, { count = 16, more = {} } = {}) =>
  sizeCpus(machine({ cpu_idle: idle, ...more }), good, count);
const option = (
  result: SizingResult,
  percentile: "p95" | "p99" = "p95",
  headroom: 0 | 0.2 | 0.3 = 0.2,
) => (result.outcome === "sized" ? optionAt(result, percentile, headroom) : undefined);
const gibibytes = (used: number, more: Record<string, Course> = {}) =>
  sizeMemory(machine({ mem_available: () => (16 - used) * 2 ** 30, ...more }), good);

test("sizeCpus() finds a quarter of the CPUs enough where a sixth is busy", () => {
  const result = cpus(() => 83.75);
  expect(result).toMatchObject({ outcome: "sized", current: 16, cautions: [] });
  expect(option(result, "p95", 0)).toMatchObject({ needed: 2.6, size: 4, atLeast: false });
  expect(option(result, "p95", 0.2)).toMatchObject({ needed: 3.25, size: 4 });
  expect(option(result, "p99", 0.3)?.needed).toBeCloseTo(3.714, 3);
});

test("sizeCpus() keeps a machine that fits, whatever its size is called", () => {
  expect(option(cpus(() => 50, { count: 6 }))).toMatchObject({ needed: 3.75, size: 4 });
  expect(option(cpus(() => 30, { count: 6 }))).toMatchObject({ size: 6 });
});

test("sizeCpus() gives a lower bound where the CPUs were saturated", () => {
  const result = cpus(() => 2, { count: 4 });
  expect(option(result)).toMatchObject({ size: 8, atLeast: true });
  expect(result).toMatchObject({ cautions: [expect.stringContaining("lower bounds")] });
});

test("sizeCpus() marks only the percentile that was saturated", () => {
  const result = cpus((s) => (s < 2400 ? 0 : 60));
  expect([option(result, "p95")?.atLeast, option(result, "p99")?.atLeast]).toEqual([false, true]);
});

test("sizeCpus() counts withheld time as wanted, and refuses where it was much", () => {
  expect(cpus(() => 50, { more: { cpu_steal: () => 5 } })).toMatchObject({
    cautions: [expect.stringMatching(/hypervisor withheld 5.*counted as wanted/)],
  });
  expect(cpus(() => 50, { more: { cpu_steal: () => 15 } })).toMatchObject({
    outcome: "refused",
    reason: expect.stringContaining("withheld"),
  });
});

test("right-sizing refuses what the data's grade forbids, data full of gaps, and grades below C", () => {
  const reason = "11 h captured: no right-sizing below 24 h.";
  expect(sizeCpus(machine({}), graded("A", reason), 4)).toEqual({ outcome: "refused", reason });
  const whole = machine({});
  const holes = { ...whole, timing: { ...whole.timing, coverageRatio: 0.7 } };
  expect(sizeMemory(holes, good)).toMatchObject({ reason: expect.stringContaining("70") });
  expect(sizeMemory(whole, graded("C"))).toMatchObject({ outcome: "sized" });
  expect(sizeMemory(whole, graded("D"))).toMatchObject({
    reason: expect.stringContaining("grade D"),
  });
});

test("right-sizing refuses what it has no figures of", () => {
  expect(sizeCpus(machine({}), good, null)).toMatchObject({ outcome: "refused" });
  expect(sizeMemory(machine({ mem_available: null }), good)).toMatchObject({ outcome: "refused" });
});

test("sizeMemory() counts what programs could not give back", () => {
  const result = gibibytes(3);
  expect(result).toMatchObject({ current: 16, cautions: [expect.stringContaining("Page cache")] });
  expect(option(result)).toMatchObject({ size: 4, atLeast: false });
  expect(option(gibibytes(13))).toMatchObject({ size: 32 });
});

test("sizeMemory() gives a lower bound where memory ran short", () => {
  expect(option(gibibytes(15))).toMatchObject({ atLeast: true });
  expect(option(gibibytes(8, { vm_swapin_pages: () => 500 }))).toMatchObject({ atLeast: true });
});
