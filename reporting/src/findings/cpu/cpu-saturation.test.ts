import { expect, test } from "vitest";
import {
  during,
  testContext,
  testDataset,
  type Course,
  judgeMachine,
} from "../../testing/machine.ts";
import { cpuSaturation } from "./cpu-saturation.ts";

const hour = 360;
const judge = (columns: Record<string, Course | null>, rows = hour) =>
  cpuSaturation.judge(testDataset({ rows, columns }), testContext());
/** A CPU that is busy at `high` percent for a time, else at 10. */
const busy = (from: number, to: number, high = 97) => ({
  cpu_idle: during(from, to, { high: 100 - high, low: 90 }),
  cpu_iowait: () => 0,
});

test("cpu-saturation says in numbers that nothing is wrong on a quiet machine", () => {
  const verdict = judge({});
  expect(verdict).toMatchObject({ outcome: "clear", confidence: "high" });
  expect(JSON.stringify(verdict)).toMatch(
    /CPU busy 1\d\.\d.% on average.*limit 90 %.*\(limit 4, while CPU busy is above 70 %\)/,
  );
});

test("cpu-saturation warns of ten busy minutes, with the time and the chart", () => {
  const verdict = judge({ ...busy(20, 30), procs_running: null, load1: null });
  expect(verdict).toMatchObject({
    outcome: "finding",
    finding: {
      severity: "warning",
      confidence: "medium",
      title: "The CPUs were saturated at times",
      evidence: [{ chartId: "chart-cpu-busy" }],
    },
  });
  expect(JSON.stringify(verdict)).toContain("2 Mar 2026 00:20 – 00:30 UTC");
});

test("cpu-saturation is critical from fifteen minutes on, and sure where the run queue agrees", () => {
  const verdict = judge({ ...busy(20, 35), procs_running: during(20, 35, { high: 9, low: 1 }) });
  expect(verdict).toMatchObject({ finding: { severity: "critical", confidence: "high" } });
});

test("cpu-saturation does not call CPUs saturated for which nobody waits, and only notices them", () => {
  const batch = { ...busy(10, 60), procs_running: () => 3 };
  const inUse = {
    severity: "notice",
    confidence: "high",
    title: "The CPUs were nearly fully in use most of the time",
    sentence: expect.stringContaining("hardly anything had to wait"),
    unexplained: expect.arrayContaining(["listen-drops"]),
  };
  expect(judge(batch)).toMatchObject({
    finding: {
      ...inUse,
      evidence: [{}, { sentence: expect.stringContaining(": 2.0 on average") }],
    },
  });
  // What the kernel measured counts more than tasks that were counted now and then.
  const counted = { ...batch, procs_running: () => 4 };
  expect(judge({ ...counted, psi_cpu_some: () => 6 })).toMatchObject({
    finding: { ...inUse, evidence: [{}, { sentence: expect.stringContaining("6.00") }] },
  });
});

test("cpu-saturation is critical and sure where tasks waited for the busy CPUs, though the queue was short", () => {
  const slowed = {
    severity: "critical",
    confidence: "high",
    title: "The CPUs were saturated most of the time",
  };
  expect(judge({ ...busy(10, 60), procs_running: () => 4 })).toMatchObject({ finding: slowed });
  const pressed = { ...busy(10, 60), procs_running: () => 3, psi_cpu_some: () => 45 };
  expect(judge(pressed)).toMatchObject({ finding: slowed });
});

test("cpu-saturation is silent on bursts shorter than five minutes", () => {
  const bursts = (s: number) => (s % 600 < 240 ? 1 : 90);
  expect(judge({ cpu_idle: bursts, cpu_iowait: () => 0 })).toMatchObject({
    outcome: "clear",
    sentence: expect.stringMatching(/above 90 % for 4.min at a stretch \(limit 90 %/),
  });
});

test("cpu-saturation takes a busy time around the limit as one", () => {
  const around = (s: number) => (s < 600 || s >= 2400 ? 90 : s % 120 < 60 ? 5 : 15);
  const verdict = judge({ cpu_idle: around, cpu_iowait: () => 0 });
  expect(verdict).toMatchObject({
    finding: { evidence: [{ ranges: [{ endS: expect.any(Number) }] }, {}] },
  });
});

test("cpu-saturation says for how long it was above the limit, not how long it lasted", () => {
  const eased = (s: number) => (s < 600 || s >= 3000 ? 90 : s % 240 < 120 ? 5 : 15);
  const verdict = judge({ cpu_idle: eased, cpu_iowait: () => 0 });
  expect(verdict).toMatchObject({
    finding: {
      title: "The CPUs were nearly fully in use at times",
      evidence: [
        {
          sentence: expect.stringMatching(
            /above 90 % for 20.min within 38.min .*a period lasts until below 80 %/,
          ),
        },
        {},
      ],
    },
  });
});

test("cpu-saturation does not take waiting for disks for work", () => {
  expect(judge({ cpu_idle: () => 2, cpu_iowait: () => 90 })).toMatchObject({ outcome: "clear" });
});

test("cpu-saturation sees tasks queue for CPUs that are busy, but below their limit", () => {
  const queued = { procs_running: during(10, 40, { high: 8, low: 1 }) };
  expect(judge({ ...busy(10, 40, 85), ...queued })).toMatchObject({
    finding: {
      title: "Tasks queued for the CPUs most of the time",
      evidence: [{ chartId: "chart-run-queue" }],
    },
  });
  expect(judge({ ...busy(10, 40, 50), ...queued })).toMatchObject({ outcome: "clear" });
});

test("cpu-saturation counts a queue only while the CPUs are busy", () => {
  const queued = { procs_running: during(10, 40, { high: 8, low: 1 }) };
  expect(judge({ ...busy(20, 30, 85), ...queued })).toMatchObject({
    finding: {
      evidence: [
        { sentence: expect.stringMatching(/above 4 on 2.CPUs for 10.min .*00:20 – 00:30 UTC/) },
      ],
    },
  });
});

test("cpu-saturation says that the queue was not judged where the number of CPUs is unknown", () => {
  const verdict = judgeMachine(
    cpuSaturation,
    { procs_running: () => 100 },
    { rows: 720, cpuCount: null },
  );
  expect(verdict).toMatchObject({ outcome: "clear", confidence: "medium" });
  expect(JSON.stringify(verdict)).toContain("run queue could not be judged");
});

test("cpu-saturation takes the number of CPUs from the machine's facts where no column tells it", () => {
  const columns = { cpu0_idle: null, cpu1_idle: null, cpu_idle: () => 20 };
  const verdict = judgeMachine(
    cpuSaturation,
    { ...columns, procs_running: () => 12 },
    { cpuCount: 4 },
  );
  expect(verdict).toMatchObject({ finding: { title: "Tasks queued for the CPUs throughout" } });
});

test("cpu-saturation blames the hypervisor where it withheld the time", () => {
  const verdict = judge({ ...busy(10, 50), cpu_steal: during(10, 50, { high: 60, low: 0 }) });
  expect(JSON.stringify(verdict)).toContain("The hypervisor withheld");
});

test("cpu-saturation refuses to judge four minutes, and data without idle time", () => {
  expect(judge({}, 24)).toMatchObject({ outcome: "refused", reason: expect.stringContaining("4") });
  // Six samples into the fifth minute are not five minutes.
  expect(judge({ cpu_idle: () => 1 }, 29)).toMatchObject({ outcome: "refused" });
  expect(judge({ cpu_idle: () => NaN })).toMatchObject({ outcome: "refused" });
});

test("cpu-saturation does not take the collector for a task that queues", () => {
  const columns = { ...busy(0, 60, 75), procs_running: () => 2.5 };
  expect(judgeMachine(cpuSaturation, columns, { cpuCount: 1 })).toMatchObject({
    outcome: "clear",
    sentence: expect.stringContaining("beside the collector 1.5 at the 95th percentile on 1"),
  });
  expect(
    judgeMachine(cpuSaturation, { ...columns, procs_running: () => 3.5 }, { cpuCount: 1 }),
  ).toMatchObject({ finding: { title: "Tasks queued for the CPU throughout" } });
});

test("cpu-saturation tells the worst of the spans that it judged", () => {
  const columns = { cpu_idle: (s: number) => (s < 3600 ? 3 : 90), cpu_iowait: () => 0 };
  const verdict = judgeMachine(cpuSaturation, columns, { rows: 24, intervalS: 600 });
  expect(verdict).toMatchObject({
    finding: { evidence: [{ sentence: expect.stringMatching(/the worst 10.min 97/) }, {}] },
  });
});

test("cpu-saturation speaks of one CPU where there is one", () => {
  const dataset = testDataset({ rows: hour, columns: busy(20, 30) });
  const one = cpuSaturation.judge(dataset, testContext({ cpuCount: 1 }));
  expect(one).toMatchObject({ finding: { title: "The CPU was nearly fully in use at times" } });
});
