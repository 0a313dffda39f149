import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { missedSamples } from "./missed-samples.ts";

test("missed-samples notices samples that the collector lost, with their number", () => {
  // 0.1 a second for ten minutes.
  const columns = {
    collector_missed_ticks: during(10, 20, { high: 0.1, low: 0 }),
    collector_dropped_samples: () => 0,
  };
  expect(judgeMachine(missedSamples, columns)).toMatchObject({
    finding: {
      severity: "notice",
      confidence: "high",
      sentence: expect.stringMatching(/^60.samples are missing/),
      evidence: [{ sentence: expect.stringMatching(/^60 of 360.expected samples \(16\.7/) }],
    },
  });
});

test("missed-samples is silent on a few, and where another program measured", () => {
  const few = { collector_missed_ticks: (s: number) => (s === 600 ? 0.1 : 0) };
  expect(judgeMachine(missedSamples, few)).toMatchObject({
    outcome: "clear",
    sentence: expect.stringMatching(/^1.sample could not be taken in time/),
  });
  expect(judgeMachine(missedSamples, {})).toMatchObject({ outcome: "refused" });
});
