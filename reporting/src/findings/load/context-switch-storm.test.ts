import { expect, test } from "vitest";
import { during, judgeMachine, type Course } from "../../testing/machine.ts";
import { contextSwitchStorm } from "./context-switch-storm.ts";

/** On two CPUs that work 20 % of the time; from the 10th minute to the 20th otherwise. */
const machine = (
  switches: { high: number; low: number },
  { user = 20, system = 35 } = {},
): Record<string, Course> => ({
  context_switches: during(10, 20, switches),
  cpu_user: during(10, 20, { high: user, low: 16 }),
  cpu_system: during(10, 20, { high: system, low: 4 }),
});

test("context-switch-storm notices many more switches for the work done, and warns where the CPUs have little time to spare", () => {
  const switches = { high: 150_000, low: 5000 };
  expect(judgeMachine(contextSwitchStorm, machine(switches))).toMatchObject({
    finding: {
      severity: "notice",
      sentence: expect.stringContaining("hardly anybody felt it"),
      evidence: [
        { sentence: expect.stringMatching(/above 2\.5.times.*worst minute 6\.82 times/) },
        { sentence: expect.stringMatching(/^150.k\/s switches on average: .* for 7\.33 µs/) },
      ],
    },
  });
  const felt = machine(switches, { user: 40, system: 45 });
  expect(judgeMachine(contextSwitchStorm, felt)).toMatchObject({
    finding: {
      severity: "warning",
      confidence: "medium",
      sentence: expect.stringMatching(/the kernel took 45\.0.% of the CPU time\.$/),
    },
  });
});

test("context-switch-storm is silent on more work, on what is usual here, and on switches that cost little", () => {
  // A job by night on an idle machine, and a request rate that triples.
  const job = machine({ high: 50_000, low: 700 }, { user: 30, system: 55 });
  const busier = machine({ high: 150_000, low: 40_000 }, { user: 48, system: 30 });
  const cheap = machine({ high: 150_000, low: 5000 }, { user: 20, system: 12 });
  const few = machine({ high: 36_000, low: 700 }, { user: 2, system: 30 });
  const usual = machine({ high: 90_000, low: 90_000 }, { user: 16, system: 4 });
  for (const columns of [job, busier, cheap, few, usual])
    expect(judgeMachine(contextSwitchStorm, columns)).toMatchObject({ outcome: "clear" });
});

test("context-switch-storm refuses to judge without switches, or without knowing how many CPUs there are", () => {
  expect(judgeMachine(contextSwitchStorm, {})).toMatchObject({ outcome: "refused" });
  const unknown = judgeMachine(contextSwitchStorm, machine({ high: 9e5, low: 100 }), {
    cpuCount: null,
  });
  expect(unknown).toMatchObject({ outcome: "refused" });
});
