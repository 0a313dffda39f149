import { expect, test } from "vitest";
import { judgeMachine } from "../../testing/machine.ts";
import { oomKills } from "./oom-kills.ts";

test("oom-kills is critical and sure of a single killed process, with its time", () => {
  const verdict = judgeMachine(oomKills, { vm_oom_kills: (s) => (s === 600 ? 0.1 : 0) });
  expect(verdict).toMatchObject({
    finding: {
      severity: "critical",
      confidence: "high",
      sentence: expect.stringMatching(
        /ended 1.program by force.*, at 2 Mar 2026 00:09:50 – 00:10:00 UTC; whatever it did/,
      ),
      evidence: [{ sentence: expect.stringMatching(/killed 1.process for/), ranges: [{}] }],
    },
  });
});

test("oom-kills counts what was killed, in plural", () => {
  const verdict = judgeMachine(oomKills, { vm_oom_kills: (s) => (s >= 600 && s < 620 ? 0.3 : 0) });
  expect(verdict).toMatchObject({
    finding: {
      sentence: expect.stringMatching(/ended 6.programs.*the first time at.*whatever they did/),
      evidence: [{ sentence: expect.stringMatching(/6.processes/), ranges: [{}, {}] }],
    },
  });
});

test("oom-kills says that none was killed, and cannot tell where nobody counted", () => {
  expect(judgeMachine(oomKills, { vm_oom_kills: () => 0 })).toMatchObject({ outcome: "clear" });
  expect(judgeMachine(oomKills, {})).toMatchObject({ outcome: "refused" });
});
