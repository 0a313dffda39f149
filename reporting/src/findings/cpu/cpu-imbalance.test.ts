import { expect, test } from "vitest";
import { during, judgeMachine, type Course } from "../../testing/machine.ts";
import { cpuImbalance } from "./cpu-imbalance.ts";

const idle = (...courses: Course[]): Record<string, Course> =>
  Object.fromEntries(courses.map((course, cpu) => [`cpu${cpu}_idle`, course]));
const rest: Course = () => 90;

test("cpu-imbalance notices one CPU that is full for long while the others rest", () => {
  const full = during(10, 40, { high: 1, low: 90 });
  expect(judgeMachine(cpuImbalance, idle(rest, full, rest, rest))).toMatchObject({
    finding: {
      severity: "notice",
      sentence: expect.stringMatching(/^One CPU was fully used/),
      evidence: [
        { sentence: expect.stringMatching(/^CPU 1 busy above 95 %/) },
        { sentence: expect.stringMatching(/^The other 3.CPUs were busy 10\.0/) },
      ],
    },
  });
});

test("cpu-imbalance goes on where a CPU is taken offline", () => {
  const full = during(20, 50, { high: 1, low: 90 });
  const offline: Course = (s) => (s < 600 ? 90 : NaN);
  expect(judgeMachine(cpuImbalance, idle(rest, full, offline))).toMatchObject({
    finding: {
      evidence: [{}, { sentence: expect.stringMatching(/^The other CPU was busy 10\.0/) }],
    },
  });
});

test("cpu-imbalance counts the CPUs that were full one after the other", () => {
  const [first, second] = [
    during(0, 20, { high: 0, low: 90 }),
    during(25, 50, { high: 0, low: 90 }),
  ];
  expect(judgeMachine(cpuImbalance, idle(first, second, rest))).toMatchObject({
    finding: { sentence: expect.stringMatching(/^2.CPUs were each at times fully used/) },
  });
});

test("cpu-imbalance is silent where all CPUs are busy, where the wait is for disks, and on short bursts", () => {
  const busy: Course = () => 2;
  expect(judgeMachine(cpuImbalance, idle(busy, busy))).toMatchObject({ outcome: "clear" });
  const waits = { ...idle(busy, rest), cpu0_iowait: () => 90, cpu1_iowait: () => 0 };
  expect(judgeMachine(cpuImbalance, waits)).toMatchObject({ outcome: "clear" });
  const burst = during(10, 18, { high: 0, low: 90 });
  expect(judgeMachine(cpuImbalance, idle(burst, rest))).toMatchObject({ outcome: "clear" });
});

test("cpu-imbalance cannot judge one CPU", () => {
  expect(judgeMachine(cpuImbalance, { cpu1_idle: null })).toMatchObject({ outcome: "refused" });
});
