import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { psiIo } from "./psi-io.ts";

test("psi-io warns of ten minutes of waiting, and never calls it critical by itself", () => {
  const waiting = (to: number) => ({ psi_io_full: during(10, to, { high: 60, low: 5 }) });
  for (const to of [20, 60]) {
    expect(judgeMachine(psiIo, waiting(to))).toMatchObject({
      finding: {
        severity: "warning",
        confidence: "medium",
        evidence: [{ chartId: "chart-pressure", sentence: expect.stringContaining("60.0") }],
      },
    });
  }
});

test("psi-io is silent on less, and on a kernel that does not measure it", () => {
  expect(judgeMachine(psiIo, { psi_io_full: () => 30 })).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(psiIo, {})).toMatchObject({
    outcome: "refused",
    reason: expect.stringContaining("nobody recorded it"),
  });
});
