import { expect, test } from "vitest";
import { during, testContext, testDataset, type Course } from "../../testing/machine.ts";
import { memoryExhaustion } from "./memory-exhaustion.ts";

const hour = 360;
const gibibyte = 2 ** 30;
const judge = (columns: Record<string, Course | null>, rows = hour) =>
  memoryExhaustion.judge(testDataset({ rows, columns }), testContext());
/** Of 16 GiB. */
const scarce = (from: number, to: number) => ({
  mem_available: during(from, to, { high: gibibyte, low: 8 * gibibyte }),
});

test("memory-exhaustion says in numbers that nothing is wrong on a quiet machine", () => {
  const verdict = judge({});
  expect(verdict).toMatchObject({ outcome: "clear", confidence: "high" });
  expect(JSON.stringify(verdict)).toMatch(/never below 56\.\d.% of all.*swapped in 0/);
});

test("memory-exhaustion warns of ten minutes with less than a tenth available", () => {
  expect(judge(scarce(20, 30))).toMatchObject({
    finding: {
      severity: "warning",
      confidence: "medium",
      evidence: [{ chartId: "chart-memory-available" }],
    },
  });
});

test("memory-exhaustion is critical and sure where the machine also swaps", () => {
  const swapping = { vm_swapin_pages: during(25, 45, { high: 900, low: 0 }) };
  expect(judge({ ...scarce(20, 50), ...swapping })).toMatchObject({
    finding: {
      severity: "critical",
      confidence: "high",
      evidence: [{ chartId: "chart-memory-available" }, { chartId: "chart-swapping" }],
    },
  });
});

test("memory-exhaustion is critical when the kernel killed a process, however short it was", () => {
  const verdict = judge({ vm_oom_kills: (s) => (s === 600 ? 0.1 : 0) });
  expect(verdict).toMatchObject({
    finding: { severity: "critical", confidence: "high", title: "Memory ran out" },
  });
  expect(JSON.stringify(verdict)).toContain("in 1 of 360 samples");
});

test("memory-exhaustion has low confidence in major faults alone", () => {
  const verdict = judge({ vm_major_faults: during(10, 20, { high: 800, low: 0 }) });
  expect(verdict).toMatchObject({ finding: { severity: "warning", confidence: "low" } });
});

test("memory-exhaustion is silent on little free memory, a cache, and a short dip", () => {
  expect(judge({ mem_free: () => 2 ** 20 })).toMatchObject({ outcome: "clear" });
  expect(judge(scarce(20, 24))).toMatchObject({ outcome: "clear" });
});

test("memory-exhaustion says that swapping was not judged where it was not measured", () => {
  const verdict = judge({ vm_swapin_pages: null });
  expect(verdict).toMatchObject({ outcome: "clear", confidence: "medium" });
  expect(JSON.stringify(verdict)).toContain("Swapping could not be judged");
});

test("memory-exhaustion refuses to judge by free memory, or four minutes", () => {
  expect(judge({ mem_available: null })).toMatchObject({ outcome: "refused" });
  expect(judge({}, 24)).toMatchObject({ outcome: "refused" });
});
