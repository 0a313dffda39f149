import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { majorFaults } from "./major-faults.ts";

const faults = (high: number, to = 20) => ({ vm_major_faults: during(10, to, { high, low: 1 }) });

test("major-faults warns with low confidence: it may be programs that start", () => {
  expect(judgeMachine(majorFaults, faults(800))).toMatchObject({
    finding: {
      severity: "warning",
      confidence: "low",
      evidence: [{ chartId: "chart-major-faults" }],
    },
  });
  expect(judgeMachine(majorFaults, faults(800, 50))).toMatchObject({
    finding: { severity: "warning" },
  });
});

test("major-faults is silent below its limit, and for a short time", () => {
  expect(judgeMachine(majorFaults, faults(400))).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(majorFaults, faults(800, 13))).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(majorFaults, { vm_major_faults: null })).toMatchObject({
    outcome: "refused",
  });
});
