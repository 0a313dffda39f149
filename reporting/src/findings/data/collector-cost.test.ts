import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { collectorCost } from "./collector-cost.ts";

test("collector-cost notices a collector that takes more than a twentieth of a CPU", () => {
  const columns = { collector_cpu: during(10, 20, { high: 12, low: 1 }) };
  expect(judgeMachine(collectorCost, columns)).toMatchObject({
    finding: { severity: "notice", sentence: expect.stringContaining("up to 12.0") },
  });
});

test("collector-cost is silent on the usual, and where another program measured", () => {
  expect(judgeMachine(collectorCost, { collector_cpu: () => 1 })).toMatchObject({
    outcome: "clear",
  });
  expect(judgeMachine(collectorCost, {})).toMatchObject({ outcome: "refused" });
});
