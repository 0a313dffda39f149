import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { cpuInterrupts } from "./cpu-interrupts.ts";

const softirq = (high: number, others: number) => ({
  cpu0_softirq: during(10, 30, { high, low: 2 }),
  cpu1_softirq: during(10, 30, { high: others, low: 2 }),
});

test("cpu-interrupts warns of one CPU that serves what others do not", () => {
  expect(judgeMachine(cpuInterrupts, softirq(70, 3))).toMatchObject({
    finding: {
      severity: "warning",
      sentence: expect.stringMatching(/up to 70\.0/),
      evidence: [{ sentence: expect.stringMatching(/^Interrupts on CPU 0 above 50 %/) }],
    },
  });
});

test("cpu-interrupts is silent where the interrupts are spread, or few", () => {
  expect(judgeMachine(cpuInterrupts, softirq(60, 55))).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(cpuInterrupts, softirq(20, 0))).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(cpuInterrupts, {})).toMatchObject({ outcome: "refused" });
});
