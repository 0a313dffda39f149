import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { psiCpu } from "./psi-cpu.ts";

test("psi-cpu warns of ten minutes of waiting, and never calls it critical by itself", () => {
  const waiting = (to: number) => ({ psi_cpu_some: during(10, to, { high: 80, low: 5 }) });
  for (const to of [20, 60]) {
    expect(judgeMachine(psiCpu, waiting(to))).toMatchObject({
      finding: {
        severity: "warning",
        confidence: "medium",
        evidence: [{ chartId: "chart-pressure", sentence: expect.stringContaining("80.0") }],
      },
    });
  }
});

test("psi-cpu is silent on less, and on a kernel that does not measure it", () => {
  expect(judgeMachine(psiCpu, { psi_cpu_some: () => 50 })).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(psiCpu, {})).toMatchObject({
    outcome: "refused",
    reason: expect.stringContaining("nobody recorded it"),
  });
});
