import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { loadHigh } from "./load-high.ts";

const load = { load1: during(10, 40, { high: 9, low: 0.5 }) };

test("load-high warns where the run queue says the same as the load", () => {
  const queue = { procs_running: during(10, 40, { high: 6, low: 1 }) };
  expect(judgeMachine(loadHigh, { ...load, ...queue })).toMatchObject({
    finding: {
      severity: "warning",
      sentence: expect.stringContaining("Up to 4.5 tasks for each CPU"),
      evidence: [{}, { sentence: expect.stringMatching(/5\.0 on average.*on 2.CPUs/) }],
    },
  });
});

test("load-high is silent on a load of tasks that wait for disks, and on a short one", () => {
  expect(judgeMachine(loadHigh, { ...load, procs_running: () => 1 })).toMatchObject({
    outcome: "clear",
  });
  const short = { load1: during(10, 20, { high: 9, low: 0.5 }), procs_running: () => 6 };
  expect(judgeMachine(loadHigh, short)).toMatchObject({ outcome: "clear" });
});

test("load-high takes neither the collector nor tasks that wait for disks for a queue, on one CPU", () => {
  const one = { cpuCount: 1 };
  // One task works, two wait for a disk; and /proc/stat is being read.
  const copying = { load1: () => 3, procs_running: () => 2 };
  expect(judgeMachine(loadHigh, copying, one)).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(loadHigh, { ...copying, procs_running: () => 4 }, one)).toMatchObject({
    outcome: "finding",
  });
});

test("load-high refuses to judge a load without run queue or number of CPUs", () => {
  expect(judgeMachine(loadHigh, { ...load, procs_running: null })).toMatchObject({
    outcome: "refused",
  });
  const unknown = { cpuCount: null };
  expect(judgeMachine(loadHigh, load, unknown)).toMatchObject({ outcome: "refused" });
});
