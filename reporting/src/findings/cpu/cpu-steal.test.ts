import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { cpuSteal } from "./cpu-steal.ts";

test("cpu-steal warns of ten minutes of withheld time, and is critical from fifteen on", () => {
  const stolen = (to: number) => ({ cpu_steal: during(10, to, { high: 20, low: 1 }) });
  expect(judgeMachine(cpuSteal, stolen(20))).toMatchObject({
    finding: {
      severity: "warning",
      confidence: "high",
      evidence: [{ chartId: "chart-cpu-modes", ranges: [{ startS: expect.any(Number) }] }],
    },
  });
  expect(judgeMachine(cpuSteal, stolen(30))).toMatchObject({ finding: { severity: "critical" } });
});

test("cpu-steal says in numbers that little was withheld, and cannot tell without the column", () => {
  expect(judgeMachine(cpuSteal, { cpu_steal: () => 3 })).toMatchObject({
    outcome: "clear",
    sentence: expect.stringMatching(/^Steal at most 3\.00.% in a minute.*limit 10 % for 5.min/),
  });
  expect(judgeMachine(cpuSteal, {})).toMatchObject({ outcome: "refused" });
});
