import { expect, test } from "vitest";
import type { Grade } from "../validation/grade.ts";
import { during, testContext, testDataset } from "../testing/machine.ts";
import { judge } from "./judge.ts";
import { listFindings } from "./ranking.ts";
import { rules } from "./rules.ts";

const dataset = testDataset({
  rows: 720,
  columns: {
    cpu_idle: during(20, 26, { high: 1, low: 80 }),
    cpu_iowait: () => 0,
    procs_running: during(20, 26, { high: 5, low: 1 }),
    vm_oom_kills: (s) => (s === 600 ? 1 : 0),
  },
});
const judgements = (grade: Grade) =>
  judge(dataset, testContext({ disks: ["sda"], grade: { ...testContext().grade, grade } }));

test("judge() lets every rule speak, and listFindings() puts the worst first", () => {
  const all = judgements("A");
  expect(all.map(({ rule }) => rule.id)).toEqual(rules.map(({ id }) => id));
  expect(listFindings(all).map(({ rule, finding }) => [rule.id, finding.severity])).toEqual([
    ["oom-kills", "critical"],
    ["cpu-saturation", "warning"],
  ]);
});

test.each([
  ["A", "high"],
  ["B", "high"],
  ["C", "medium"],
  ["D", "low"],
] as const)("judge() is no surer than data of grade %s allows: %s", (grade, confidence) => {
  const [worst] = listFindings(judgements(grade));
  expect(worst?.finding.confidence).toBe(confidence);
});

test("judge() applies no rule on the machine to data of grade F", () => {
  const onMachine = judgements("F").filter(({ rule }) => rule.aboutData !== true);
  expect(onMachine).toHaveLength(rules.length - 2);
  expect(new Set(onMachine.map(({ verdict }) => verdict.outcome))).toEqual(new Set(["refused"]));
});
