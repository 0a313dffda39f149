import { expect, test } from "vitest";
import { during, judgeMachine } from "../../testing/machine.ts";
import { dirtyPages } from "./dirty-pages.ts";

const gibibyte = 2 ** 30;
const dirty = (high: number) => ({ mem_dirty: during(10, 20, { high: high * gibibyte, low: 0 }) });

test("dirty-pages warns where the kernel begins to slow down who writes", () => {
  // Of some 9 GiB available.
  expect(judgeMachine(dirtyPages, dirty(1.8))).toMatchObject({
    finding: {
      severity: "warning",
      evidence: [{ sentence: expect.stringMatching(/above 15 % for/) }],
    },
  });
});

test("dirty-pages is silent on what is written in the background", () => {
  expect(judgeMachine(dirtyPages, dirty(1))).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(dirtyPages, {})).toMatchObject({ outcome: "refused" });
});
