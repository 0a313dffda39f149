import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { contextSwitchStorm } from "./context-switch-storm.ts";

const storm = { context_switches: during(10, 20, { high: 90_000, low: 5000 }) };

test("context-switch-storm notices many times the usual rate, and warns where it costs kernel time", () => {
  expect(judgeMachine(contextSwitchStorm, storm)).toMatchObject({
    finding: { severity: "notice", confidence: "low" },
  });
  const costly = { ...storm, cpu_system: during(10, 20, { high: 40, low: 4 }) };
  expect(judgeMachine(contextSwitchStorm, costly)).toMatchObject({
    finding: {
      severity: "warning",
      confidence: "medium",
      evidence: [
        { sentence: expect.stringMatching(/above 3.times.*worst minute 18\.0 times/) },
        { sentence: expect.stringMatching(/^90\.0.k\/s switches on average, with 40\.0/) },
      ],
    },
  });
});

test("context-switch-storm is silent on what is usual here, and on a quiet machine's bursts", () => {
  expect(judgeMachine(contextSwitchStorm, { context_switches: () => 90_000 })).toMatchObject({
    outcome: "clear",
  });
  const burst = { context_switches: during(10, 20, { high: 9000, low: 100 }) };
  expect(judgeMachine(contextSwitchStorm, burst)).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(contextSwitchStorm, {})).toMatchObject({ outcome: "refused" });
});
