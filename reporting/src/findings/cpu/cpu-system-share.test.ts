import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { cpuSystemShare } from "./cpu-system-share.ts";

test("cpu-system-share warns where the kernel takes most of a busy machine's time", () => {
  const columns = {
    cpu_user: () => 15,
    cpu_system: during(10, 30, { high: 50, low: 5 }),
    cpu_softirq: during(10, 30, { high: 10, low: 0 }),
  };
  expect(judgeMachine(cpuSystemShare, columns)).toMatchObject({
    finding: {
      severity: "warning",
      evidence: [{ sentence: expect.stringMatching(/above 60 % for 20.min.*worst minute 80/) }],
    },
  });
});

test("cpu-system-share is silent on an idle machine, and on programs that work", () => {
  const idle = { cpu_user: () => 2, cpu_system: () => 30 };
  expect(judgeMachine(cpuSystemShare, idle)).toMatchObject({ outcome: "clear" });
  const working = { cpu_user: () => 60, cpu_system: () => 35 };
  expect(judgeMachine(cpuSystemShare, working)).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(cpuSystemShare, { cpu_user: null })).toMatchObject({ outcome: "refused" });
});
