import { expect, test } from "vitest";
import { judgeMachine, type Course } from "../../testing/machine.ts";
import { slabGrowth } from "./slab-growth.ts";

const gibibyte = 2 ** 30;
const judge = (slab: Course, hours = 24) =>
  judgeMachine(slabGrowth, { mem_slab: slab }, { rows: 60 * hours, intervalS: 60 });

test("slab-growth notices kernel memory that is large and grows", () => {
  expect(judge((s) => (2 + s / 86_400) * gibibyte)).toMatchObject({
    finding: {
      severity: "notice",
      confidence: "medium",
      evidence: [
        { sentence: expect.stringMatching(/trend 1\.00.GiB a day, with 95 % confidence/) },
      ],
    },
  });
});

test("slab-growth is silent on what is small or does not grow, and refuses a few hours", () => {
  expect(judge((s) => (0.1 + s / 86_400) * gibibyte)).toMatchObject({ outcome: "clear" });
  expect(judge(() => 4 * gibibyte)).toMatchObject({ outcome: "clear" });
  expect(judge((s) => (4 + (0.2 * s) / 86_400) * gibibyte)).toMatchObject({ outcome: "clear" });
  expect(judge(() => 4 * gibibyte, 8)).toMatchObject({ outcome: "refused" });
  expect(judgeMachine(slabGrowth, {})).toMatchObject({ outcome: "refused" });
});
