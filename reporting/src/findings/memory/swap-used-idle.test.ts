import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { swapUsedIdle } from "./swap-used-idle.ts";

const gibibyte = 2 ** 30;
const swap = (free: number) => ({
  swap_total: () => 4 * gibibyte,
  swap_free: () => free * gibibyte,
});

test("swap-used-idle notices swap that holds what nobody asks for", () => {
  expect(judgeMachine(swapUsedIdle, swap(2))).toMatchObject({
    finding: { severity: "notice", sentence: expect.stringMatching(/^2\.00.GiB of memory/) },
  });
});

test("swap-used-idle is silent where pages come back, where little is used, and without swap", () => {
  const busy = { ...swap(2), vm_swapin_pages: during(10, 20, { high: 500, low: 0 }) };
  expect(judgeMachine(swapUsedIdle, busy)).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(swapUsedIdle, swap(3.9))).toMatchObject({ outcome: "clear" });
  const none = { swap_total: () => 0, swap_free: () => 0 };
  expect(judgeMachine(swapUsedIdle, none)).toMatchObject({
    outcome: "clear",
    sentence: "The machine has no swap.",
  });
  expect(judgeMachine(swapUsedIdle, {})).toMatchObject({ outcome: "refused" });
});
