import { expect, test } from "vitest";
import { ailments, measuredInFull } from "../testing/machines.ts";
import { during, testContext, testDataset, type Course } from "../testing/machine.ts";
import type { DataGrade } from "../validation/grade-data.ts";
import type { Finding } from "./finding.ts";
import { judge } from "./judge.ts";
import { listFindings } from "./ranking.ts";

const hours: DataGrade = {
  grade: "A",
  checks: [],
  limits: [],
  forbids: { rightSizing: "1 h captured.", dailyProfile: "1 h captured.", trend: null },
};
const judgementsOf = (
  columns: Record<string, Course | null>,
  { rows = 360, intervalS = 10, cpuCount = 2 } = {},
) =>
  judge(
    testDataset({ rows, intervalS, columns: { ...measuredInFull, ...columns } }),
    testContext({
      disks: ["sda"],
      interfaces: ["eth0"],
      cpuCount,
      ...(rows * intervalS < 86_400 ? { grade: hours } : {}),
    }),
  );

/** Ids of what is found, the worst first, and of what that explains. */
function outline(columns: Record<string, Course>): { found: string[]; explained: string[] } {
  const judgements = judgementsOf(columns);
  return {
    found: listFindings(judgements).map(({ rule }) => rule.id),
    explained: judgements.flatMap(({ rule, verdict }) =>
      verdict.outcome === "explained" ? [rule.id] : [],
    ),
  };
}

test("on a machine that idles for a day and on which everything is measured nothing is found", () => {
  for (const machine of [
    { rows: 8640, intervalS: 10 },
    { rows: 3 * 1440, intervalS: 60 },
  ]) {
    const judgements = judgementsOf({}, machine);
    const findings = listFindings(judgements).map(({ rule, finding }) => [
      rule.id,
      finding.severity,
    ]);
    expect(findings.filter(([, severity]) => severity !== "notice")).toEqual([]);
  }
});

test.each([
  ["busy programs", ["cpu-saturation"], ["load-high", "psi-cpu"]],
  ["a host with too little CPU", ["cpu-steal"], ["cpu-saturation", "load-high"]],
  ["a slow disk", ["disk-saturation"], ["cpu-iowait", "dirty-pages", "disk-slow", "psi-io"]],
  ["one thread", ["cpu-imbalance"], []],
  ["a network card with one queue", ["cpu-interrupts"], ["cpu-imbalance", "cpu-system-share"]],
  ["a kernel that is busy with itself", ["cpu-system-share", "context-switch-storm"], []],
  ["a loop that starts programs", ["fork-storm"], ["cpu-system-share", "context-switch-storm"]],
  [
    "too little memory",
    ["memory-exhaustion"],
    [
      "cpu-iowait",
      "oom-kills",
      "swapping-thrash",
      "major-faults",
      "psi-memory",
      "psi-io",
      "disk-saturation",
      "disk-slow",
    ],
  ],
  ["a container at its memory limit", ["oom-kills", "psi-memory"], ["major-faults"]],
  ["swap that nobody misses", ["swap-used-idle"], []],
  ["promises of memory", ["commit-overload"], []],
  ["a collector that is held up", ["missed-samples", "collector-cost"], []],
])("of %s the cause is found, and the rest is its consequence", (name, found, explained) => {
  const ailment = ailments[name] ?? {};
  const judged = outline(ailment);
  expect({ found: judged.found.toSorted(), explained: judged.explained.toSorted() }).toEqual({
    found: found.toSorted(),
    explained: explained.toSorted(),
  });
});

/** Which findings a reader would take for a contradiction, or for the same thing said twice. */
const incompatible: [string, string][] = [
  ["swap-used-idle", "swapping-thrash"],
  ["cpu-imbalance", "cpu-interrupts"],
  ["memory-exhaustion", "swapping-thrash"],
  ["memory-exhaustion", "psi-memory"],
  ["disk-saturation", "cpu-iowait"],
  ["disk-saturation", "psi-io"],
  ["cpu-saturation", "load-high"],
  ["cpu-saturation", "psi-cpu"],
  ["cpu-saturation", "cpu-imbalance"],
  ["cpu-steal", "cpu-saturation"],
  ["cpu-steal", "psi-cpu"],
  ["fork-storm", "context-switch-storm"],
  ["cpu-saturation", "cpu-undersized"],
  ["cpu-saturation", "cpu-oversized"],
  ["cpu-undersized", "cpu-oversized"],
  ["cpu-steal", "cpu-undersized"],
  ["memory-exhaustion", "memory-oversized"],
  ["memory-leak-suspect", "memory-oversized"],
  ["oom-kills", "memory-oversized"],
  ["disk-saturation", "disk-slow"],
  ["container-oom", "oom-kills"],
];

const names = Object.keys(ailments);
const pairs = names.flatMap((one, index) =>
  names.slice(index + 1).map((other) => [one, other] as const),
);

test.each(pairs)(
  "no findings contradict or repeat one another on a machine with %s and %s",
  (...both) => {
    const [one = {}, other = {}] = both.map((name) => ailments[name]);
    for (const columns of [
      { ...one, ...other },
      { ...other, ...one },
    ]) {
      const judgements = judgementsOf(columns);
      const ids = listFindings(judgements).map(({ rule }) => rule.id);
      const together = incompatible.filter((pair) => pair.every((id) => ids.includes(id)));
      expect(together).toEqual([]);
      // A consequence is told under a cause that is told itself.
      const causes = judgements.flatMap(({ verdict }) =>
        verdict.outcome === "explained" ? [verdict.by.id] : [],
      );
      expect(causes.filter((id) => !ids.includes(id))).toEqual([]);
      for (const { finding } of listFindings(judgements)) expectToBeWhole(finding);
    }
  },
);

test.each(names)(
  "a day with %s for half an hour is not called too large or too small besides",
  (name) => {
    const judgements = judgementsOf(ailments[name] ?? {}, { rows: 1440, intervalS: 60 });
    const ids = listFindings(judgements).map(({ rule }) => rule.id);
    expect(incompatible.filter((pair) => pair.every((id) => ids.includes(id)))).toEqual([]);
  },
);

test("a machine that is saturated for ten minutes of a day is not called too large by the rest of the day", () => {
  const cpus = Array.from({ length: 8 }, (_, cpu) => [`cpu${cpu}_idle`, () => 97] as const);
  const quiet = { ...Object.fromEntries(cpus), cpu_idle: () => 97, cpu_iowait: () => 0 };
  const busy = { ...quiet, cpu_idle: during(10, 20, { high: 1, low: 97 }) };
  const outcomes = [quiet, busy].map((columns) => {
    const dataset = testDataset({ rows: 1440, intervalS: 60, columns });
    const judgements = judge(dataset, testContext({ cpuCount: 8 }));
    return ["cpu-saturation", "cpu-oversized"].map(
      (id) => judgements.find(({ rule }) => rule.id === id)?.verdict.outcome,
    );
  });
  expect(outcomes).toEqual([
    ["clear", "finding"],
    ["finding", "refused"],
  ]);
});

const oneCpu = { cpu1_idle: null, cpu1_softirq: null };
const alwaysBusy = { cpu_idle: () => 12, cpu_iowait: () => 0, cpu0_idle: () => 12 };

test.each([...Object.entries(ailments), ["no headroom", alwaysBusy] as const])(
  "of a machine with one CPU and %s nothing is said of several",
  (_, columns) => {
    for (const length of [{}, { rows: 1440, intervalS: 60 }]) {
      const judgements = judgementsOf({ ...columns, ...oneCpu }, { ...length, cpuCount: 1 });
      const said = judgements.map(({ rule, verdict }) => [
        rule.title,
        "finding" in verdict ? verdict.finding : verdict,
      ]);
      expect(JSON.stringify(said)).not.toMatch(/\b(?:the|all|other|faster) CPUs\b/i);
    }
  },
);

/** What every finding must have, whatever the rule: numbers, a limit, advice, and words that read. */
function expectToBeWhole(finding: Finding): void {
  const { severity, confidence, title, sentence, evidence, advice } = finding;
  expect([severity, confidence]).not.toEqual(["critical", "low"]);
  expect(evidence.length).toBeGreaterThan(0);
  expect(advice.length).toBeGreaterThan(0);
  expect(title).not.toMatch(/[.]$/);
  for (const text of [sentence, ...advice, ...evidence.map((one) => one.sentence)]) {
    expect(text).toMatch(/[.]$/);
    expect(text).not.toMatch(
      /NaN|undefined|null|Infinity|\b(\w+) \1\b|\s{2}|–\u{a0}| 1\u{a0}(?!process\b)\w+s\b/u,
    );
  }
  // The conclusion is for someone who knows no metric by name.
  expect(sentence).not.toMatch(/iowait|softirq|PSI|vm_|mem_|cpu_|psi_|_|\bslab\b|dirty/);
  expect(evidence.every(({ sentence: words }) => /\d/.test(words))).toBe(true);
}
