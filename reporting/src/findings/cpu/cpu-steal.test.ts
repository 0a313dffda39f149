import { expect, test } from "vitest";
import { during, testContext, testDataset, type Course } from "../../testing/machine.ts";
import { cpuSteal } from "./cpu-steal.ts";

const judge = (columns: Record<string, Course | null>) =>
  cpuSteal.judge(testDataset({ rows: 360, columns }), testContext());

test("cpu-steal warns of ten minutes of withheld time, and is critical from fifteen on", () => {
  expect(judge({ cpu_steal: during(10, 20, { high: 20, low: 1 }) })).toMatchObject({
    finding: {
      severity: "warning",
      confidence: "high",
      evidence: [{ chartId: "chart-cpu-modes", ranges: [{ startS: expect.any(Number) }] }],
    },
  });
  expect(judge({ cpu_steal: during(10, 30, { high: 20, low: 1 }) })).toMatchObject({
    finding: { severity: "critical" },
  });
});

test("cpu-steal says in numbers that little was withheld, and cannot tell without the column", () => {
  expect(judge({ cpu_steal: () => 3 })).toMatchObject({
    outcome: "clear",
    sentence: expect.stringMatching(/^Steal at most 3\.00.% in a minute.*limit 10 % for 5.min/),
  });
  expect(judge({})).toMatchObject({ outcome: "refused" });
});
