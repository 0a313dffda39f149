import { expect, test } from "vitest";
import { ailments, measuredInFull } from "../testing/machines.ts";
import { during, testContext, testDataset, type Course } from "../testing/machine.ts";
import type { DataGrade } from "../validation/grade-data.ts";
import { findCutShort } from "./cut-short.ts";
import { cpuSaturation } from "./cpu/cpu-saturation.ts";
import type { Finding } from "./finding.ts";
import { judge } from "./judge.ts";
import { listFindings } from "./ranking.ts";

const hours: DataGrade = {
  ...testContext().grade,
  forbids: { rightSizing: "Hours captured.", dailyProfile: "Hours captured.", trend: null },
};

/** Of saturated CPUs from minute `from` to `to`, else idle ones. */
function busy(from: number, to = Infinity): Record<string, Course> {
  return {
    cpu_user: during(from, to, { high: 92, low: 12 }),
    cpu_idle: during(from, to, { high: 2, low: 83 }),
    procs_running: during(from, to, { high: 9, low: 1 }),
    load1: during(from, to, { high: 9, low: 0.6 }),
    psi_cpu_some: during(from, to, { high: 90, low: 3 }),
  };
}

/** `high` for the first minutes of every five. */
function during5(minutes: number, { high, low }: { high: number; low: number }): Course {
  return (s) => (s % 300 < 60 * minutes ? high : low);
}

function findingsOf(
  columns: Record<string, Course | null>,
  { rows, intervalS = 1 }: { rows: number; intervalS?: number },
): Finding[] {
  const dataset = testDataset({ rows, intervalS, columns: { ...measuredInFull, ...columns } });
  const context = testContext({ disks: ["sda"], interfaces: ["eth0"], grade: hours });
  return listFindings(judge(dataset, context)).map(({ finding }) => finding);
}

test("judge() tells of a state that fills a capture of four minutes, as a notice", () => {
  expect(findingsOf(busy(0), { rows: 240 })).toEqual([
    expect.objectContaining({
      severity: "notice",
      cutShort: "warning",
      title: "The CPUs were saturated in all 4\u{a0}min captured",
      advice: expect.arrayContaining([
        expect.stringMatching(/^See whether it lasts, .* 5.min .* capture for 15.min or longer/),
      ]),
    }),
  ]);
});

test("judge() tells of a state that began as the capture ended, however long that was", () => {
  for (const machine of [
    { rows: 3600, intervalS: 1 },
    { rows: 8640, intervalS: 10 },
  ]) {
    const minutes = (machine.rows * machine.intervalS) / 60;
    expect(findingsOf(busy(minutes - 4), machine)).toMatchObject([
      { severity: "notice", title: "The CPUs were saturated at the end of the capture" },
    ]);
  }
});

test("judge() tells of a state that was most of a short capture, though it was over", () => {
  const titled = { title: "The CPUs were saturated in 4\u{a0}min of the 8\u{a0}min captured" };
  expect(findingsOf(busy(0, 4), { rows: 480 })).toMatchObject([titled]);
  expect(findingsOf(busy(2, 6), { rows: 480 })).toMatchObject([titled]);
});

test("judge() tells of a state that comes and goes for most of a day, never for long", () => {
  const often = (high: number, low: number): Course => during5(4, { high, low });
  const columns = {
    cpu_idle: often(2, 83),
    procs_running: often(9, 1),
    psi_cpu_some: often(90, 3),
  };
  const title = expect.stringMatching(
    /^The CPUs were saturated in 19.h 1\d.min of the 24.h captured$/,
  );
  expect(findingsOf(columns, { rows: 8640, intervalS: 10 })).toMatchObject([
    {
      severity: "notice",
      cutShort: "warning",
      title,
      advice: [expect.stringMatching(/^It came and went/), {}, {}, {}],
    },
  ]);
  const seldom = (high: number, low: number): Course => during5(2, { high, low });
  const bursts = {
    cpu_idle: seldom(2, 83),
    procs_running: seldom(9, 1),
    psi_cpu_some: seldom(90, 3),
  };
  expect(findingsOf(bursts, { rows: 8640, intervalS: 10 })).toEqual([]);
});

test("judge() is silent on bursts: at the end less than half as long as asked, before it in a longer capture", () => {
  expect(findingsOf(busy(58), { rows: 3600 })).toEqual([]);
  expect(findingsOf(busy(3, 5), { rows: 480 })).toEqual([]);
  expect(findingsOf(busy(20, 24), { rows: 3600 })).toEqual([]);
});

test.each([30, 120, 240, 480, 1200])(
  "judge() finds nothing in the %d s of a machine that idles",
  (rows) => {
    expect(findingsOf({}, { rows })).toEqual([]);
  },
);

test("judge() tells states that the capture cuts short by their cause, as others", () => {
  const atOnce = Object.fromEntries(
    Object.entries(ailments["too little memory"] ?? {})
      .filter(([name]) => name !== "vm_oom_kills")
      .map(([name, course]): [string, Course] => [name, () => course(1201)]),
  );
  expect(findingsOf(atOnce, { rows: 240 })).toMatchObject([
    { severity: "notice", title: "Memory ran short in all 4\u{a0}min captured" },
  ]);
});

test("judge() takes nothing that was cut short for the reason of what lasted, nor for its contradiction", () => {
  const columns = { ...busy(56), psi_cpu_some: during(54.5, Infinity, { high: 90, low: 3 }) };
  expect(findingsOf(columns, { rows: 3600 })).toMatchObject([
    { severity: "warning", title: expect.stringMatching(/waited for a CPU/) },
    { severity: "notice", title: "The CPUs were saturated at the end of the capture" },
  ]);
  const dataset = testDataset({ rows: 240, intervalS: 1, columns: busy(0) });
  expect(findCutShort(cpuSaturation, dataset, testContext())?.compatible).toEqual([
    "cpu-oversized",
  ]);
});

test("judge() keeps to the finding of what lasted where the same began again at the end", () => {
  const columns = {
    cpu_idle: (s: number) => ((s >= 1200 && s < 1800) || s >= 3360 ? 2 : 83),
    procs_running: (s: number) => ((s >= 1200 && s < 1800) || s >= 3360 ? 9 : 1),
  };
  expect(findingsOf(columns, { rows: 3600 })).toMatchObject([
    { severity: "warning", title: "The CPUs were saturated at times" },
  ]);
});

test("judge() asks for two values and a minute before it tells of a state at all", () => {
  expect(findingsOf(busy(0), { rows: 59 })).toEqual([]);
  expect(findingsOf(busy(0), { rows: 1, intervalS: 600 })).toEqual([]);
  expect(findingsOf(busy(0), { rows: 2, intervalS: 600 })).toMatchObject([
    {
      severity: "notice",
      advice: [expect.stringMatching(/shorter than 30.min .* capture for 1.h 30.min/), {}, {}, {}],
    },
  ]);
});
