import { expect, test } from "vitest";
import { judgeMachine } from "../../testing/machine.ts";
import { commitOverload } from "./commit-overload.ts";

const gibibyte = 2 ** 30;

test("commit-overload notices promises beyond memory and swap, unsure whether they are ever called in", () => {
  const columns = { mem_committed: () => 40 * gibibyte, swap_total: () => 4 * gibibyte };
  expect(judgeMachine(commitOverload, columns)).toMatchObject({
    finding: {
      severity: "notice",
      confidence: "low",
      sentence: expect.stringMatching(/up to 200.% of the memory and swap/),
    },
  });
});

test("commit-overload is silent on what fits, and cannot tell without the figure", () => {
  expect(judgeMachine(commitOverload, { mem_committed: () => 18 * gibibyte })).toMatchObject({
    outcome: "clear",
  });
  expect(judgeMachine(commitOverload, {})).toMatchObject({ outcome: "refused" });
});
