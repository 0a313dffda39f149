import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { forkStorm } from "./fork-storm.ts";

test("fork-storm warns of many times the usual number of new tasks", () => {
  const columns = { forks: during(10, 20, { high: 1200, low: 3 }) };
  expect(judgeMachine(forkStorm, columns)).toMatchObject({
    finding: { severity: "warning", sentence: expect.stringContaining("1,200 new tasks a second") },
  });
});

test("fork-storm is silent on a build machine's usual day, and on a quiet machine's bursts", () => {
  expect(judgeMachine(forkStorm, { forks: () => 1200 })).toMatchObject({ outcome: "clear" });
  const burst = { forks: during(10, 20, { high: 150, low: 1 }) };
  expect(judgeMachine(forkStorm, burst)).toMatchObject({ outcome: "clear" });
  const build = { forks: during(10, 20, { high: 1200, low: 3 }) };
  expect(judgeMachine(forkStorm, build, { cpuCount: 64 })).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(forkStorm, {})).toMatchObject({ outcome: "refused" });
});
