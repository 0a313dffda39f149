import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { psiMemory } from "./psi-memory.ts";

const some = { psi_memory_some: during(10, 20, { high: 30, low: 0 }) };

test("psi-memory warns of programs that wait, and is critical where all of them stood still", () => {
  expect(judgeMachine(psiMemory, some)).toMatchObject({
    finding: { severity: "warning", confidence: "high", evidence: [{}] },
  });
  const seldom = { psi_memory_full: during(10, 20, { high: 9, low: 0 }) };
  expect(judgeMachine(psiMemory, { ...some, ...seldom })).toMatchObject({
    finding: { severity: "warning" },
  });
  const full = { psi_memory_full: during(10, 20, { high: 20, low: 0 }) };
  expect(judgeMachine(psiMemory, { ...some, ...full })).toMatchObject({
    finding: {
      severity: "critical",
      evidence: [{}, { sentence: expect.stringMatching(/waited 20\.0.% of the time/) }],
    },
  });
});

test("psi-memory is silent on less, and on a kernel that does not measure it", () => {
  expect(judgeMachine(psiMemory, { psi_memory_some: () => 1 })).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(psiMemory, {})).toMatchObject({
    outcome: "refused",
    reason: expect.stringContaining("nobody recorded it"),
  });
});
