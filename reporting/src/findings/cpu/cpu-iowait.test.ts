import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { cpuIowait } from "./cpu-iowait.ts";

const waiting = { cpu_iowait: during(10, 30, { high: 60, low: 2 }) };

test("cpu-iowait warns of ten minutes and more of waiting with tasks blocked, and says how many", () => {
  const blocked = { procs_blocked: during(10, 30, { high: 3, low: 0 }) };
  expect(judgeMachine(cpuIowait, { ...waiting, ...blocked })).toMatchObject({
    finding: {
      severity: "warning",
      confidence: "medium",
      evidence: [{}, { sentence: expect.stringContaining("3.0 on average") }],
      advice: expect.arrayContaining([expect.stringContaining("not for a measure")]),
    },
  });
});

test("cpu-iowait looks elsewhere where no disk was busy, and at the disks where one was", () => {
  const blocked = { procs_blocked: during(10, 30, { high: 3, low: 0 }) };
  const disks = ["sda", "sdb"];
  const judged = (busy: number) =>
    judgeMachine(
      cpuIowait,
      { ...waiting, ...blocked, disk_sdb_busy: during(10, 30, { high: busy, low: 2 }) },
      { disks },
    );
  expect(judged(12)).toMatchObject({
    finding: {
      title: "Work waited at times for files that lie elsewhere, not for the CPUs",
      evidence: [{}, {}, { sentence: expect.stringMatching(/sdb, was busy 12\.0.%/) }],
      advice: expect.arrayContaining([expect.stringContaining("nfsiostat")]),
    },
  });
  expect(judged(80)).toMatchObject({
    finding: {
      title: "Work waited at times for the disks, not for the CPUs",
      evidence: [{}, {}, { chartId: "chart-disk-busy-sdb" }],
    },
  });
});

test("cpu-iowait has low confidence where nobody counted the blocked tasks", () => {
  expect(judgeMachine(cpuIowait, waiting)).toMatchObject({ finding: { confidence: "low" } });
});

test("cpu-iowait is silent on a wait that kept nobody, on a short one, and on a little one", () => {
  const nobody = { procs_blocked: () => 0 };
  expect(judgeMachine(cpuIowait, { ...waiting, ...nobody })).toMatchObject({ outcome: "clear" });
  const short = { cpu_iowait: during(10, 18, { high: 60, low: 2 }) };
  expect(judgeMachine(cpuIowait, short)).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(cpuIowait, { cpu_iowait: () => 30 })).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(cpuIowait, { cpu_iowait: null })).toMatchObject({ outcome: "refused" });
});
