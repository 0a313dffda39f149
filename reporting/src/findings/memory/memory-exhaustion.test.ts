import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { memoryExhaustion } from "./memory-exhaustion.ts";

const gibibyte = 2 ** 30;
/** Of 16 GiB. */
const scarce = (from: number, to: number) => ({
  mem_available: during(from, to, { high: gibibyte, low: 8 * gibibyte }),
});

test("memory-exhaustion says in numbers that nothing is wrong on a quiet machine", () => {
  const verdict = judgeMachine(memoryExhaustion, {});
  expect(verdict).toMatchObject({ outcome: "clear", confidence: "high" });
  expect(JSON.stringify(verdict)).toMatch(/never below 56\.\d.% of all.*limit 10 %/);
});

test("memory-exhaustion warns of ten minutes with less than a tenth available", () => {
  expect(judgeMachine(memoryExhaustion, scarce(20, 30))).toMatchObject({
    finding: {
      severity: "warning",
      confidence: "medium",
      title: "Memory ran short at times",
      evidence: [{ chartId: "chart-memory-available" }],
    },
  });
});

test("memory-exhaustion is critical from fifteen minutes on, and sure where the machine also swaps", () => {
  const swapping = { vm_swapin_pages: during(25, 45, { high: 900, low: 0 }) };
  expect(judgeMachine(memoryExhaustion, { ...scarce(20, 50), ...swapping })).toMatchObject({
    finding: {
      severity: "critical",
      confidence: "high",
      sentence: expect.stringContaining("already slowed down"),
      evidence: [
        { chartId: "chart-memory-available" },
        { chartId: "chart-swapping", sentence: expect.stringMatching(/^Pages swapped in: 600/) },
      ],
    },
  });
});

test("memory-exhaustion only warns, however long, where nothing in the machine misses memory", () => {
  const calm = { psi_memory_some: () => 0 };
  expect(judgeMachine(memoryExhaustion, { ...scarce(0, 60), ...calm })).toMatchObject({
    finding: { severity: "warning", confidence: "medium" },
  });
});

test("memory-exhaustion is critical where processes were killed at the time, and not at another", () => {
  const killed = { vm_oom_kills: (s: number) => (s === 1500 ? 0.1 : 0) };
  expect(judgeMachine(memoryExhaustion, { ...scarce(20, 28), ...killed })).toMatchObject({
    finding: {
      severity: "critical",
      confidence: "high",
      title: "Memory ran out",
      evidence: [{}, { sentence: expect.stringMatching(/killed 1.process/) }],
    },
  });
  expect(judgeMachine(memoryExhaustion, { ...scarce(40, 48), ...killed })).toMatchObject({
    finding: { severity: "warning", title: "Memory ran short at times" },
  });
});

test("memory-exhaustion is silent on little free memory, a cache, and a short dip", () => {
  expect(judgeMachine(memoryExhaustion, { mem_free: () => 2 ** 20 })).toMatchObject({
    outcome: "clear",
  });
  expect(judgeMachine(memoryExhaustion, scarce(20, 24))).toMatchObject({ outcome: "clear" });
});

test("memory-exhaustion refuses to judge by free memory, or four minutes", () => {
  expect(judgeMachine(memoryExhaustion, { mem_available: null })).toMatchObject({
    outcome: "refused",
  });
  expect(judgeMachine(memoryExhaustion, {}, { rows: 24 })).toMatchObject({ outcome: "refused" });
});
