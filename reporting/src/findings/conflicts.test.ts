import { expect, test } from "vitest";
import { resolveConflicts } from "./conflicts.ts";
import type { Confidence, Rule, Severity, Verdict } from "./finding.ts";

interface Case {
  id: string;
  explains?: readonly string[];
  perDevice?: readonly string[];
  contradicts?: readonly string[];
  compatible?: readonly string[];
  devices?: readonly string[];
  severity?: Severity;
  confidence?: Confidence;
  /** Minutes; none is the whole window. */
  from?: number;
  to?: number;
}

function one({ id, explains, perDevice, contradicts, from, to, ...known }: Case): {
  rule: Rule;
  verdict: Verdict;
} {
  const rule: Rule = {
    id,
    title: `Title of ${id}`,
    definition: "",
    source: "",
    ...(explains === undefined ? {} : { explains }),
    ...(perDevice === undefined ? {} : { perDevice }),
    ...(contradicts === undefined ? {} : { contradicts }),
    judge: () => verdict,
  };
  const ranges =
    from === undefined || to === undefined ? [] : [{ startS: 60 * from, endS: 60 * to }];
  const verdict: Verdict = {
    outcome: "finding",
    finding: {
      severity: "warning",
      confidence: "high",
      ...known,
      title: id,
      sentence: "",
      evidence: [{ sentence: "", threshold: "", ranges, chartId: null }],
      advice: [],
    },
  };
  return { rule, verdict };
}

const resolve = (...cases: Case[]) =>
  resolveConflicts(cases.map(one)).map(({ rule, verdict }) =>
    verdict.outcome === "explained"
      ? `${rule.id} by ${verdict.by.id}`
      : verdict.outcome === "finding"
        ? `${rule.id} ${verdict.finding.severity}`
        : `${rule.id} ${verdict.outcome}`,
  );

test("resolveConflicts() makes a finding the consequence of its cause, which is then as severe", () => {
  expect(
    resolve(
      { id: "queue", severity: "critical", from: 0, to: 40 },
      { id: "steal", explains: ["queue"], from: 10, to: 60 },
    ),
  ).toEqual(["queue by steal", "steal critical"]);
});

test("resolveConflicts() leaves a finding of other times as it is", () => {
  expect(
    resolve(
      { id: "steal", explains: ["queue"], from: 0, to: 15 },
      { id: "queue", from: 10, to: 60 },
    ),
  ).toEqual(["steal warning", "queue warning"]);
});

test("resolveConflicts() leaves a finding as it is where it speaks of another device than its cause", () => {
  const full = { id: "full", explains: ["slow"], perDevice: ["slow"], devices: ["sda", "sdb"] };
  expect(resolve(full, { id: "slow", devices: ["sdb"] })).toEqual(["full warning", "slow by full"]);
  expect(resolve(full, { id: "slow", devices: ["sdb", "sdc"] })).toEqual([
    "full warning",
    "slow warning",
  ]);
});

test("resolveConflicts() names the cause behind a cause", () => {
  expect(
    resolve(
      { id: "swap", explains: ["disk"], from: 0, to: 60 },
      { id: "disk", explains: ["iowait"], from: 0, to: 60 },
      { id: "iowait", from: 5, to: 50, severity: "critical" },
    ),
  ).toEqual(["swap critical", "disk by swap", "iowait by swap"]);
});

test("resolveConflicts() lets no guess explain what is sure", () => {
  const symptom = { id: "queue", from: 0, to: 10 };
  const guess = { id: "steal", explains: ["queue"], confidence: "low", from: 0, to: 10 } as const;
  expect(resolve(guess, symptom)).toEqual(["steal warning", "queue warning"]);
  expect(resolve(guess, { ...symptom, confidence: "low" })).toEqual([
    "steal warning",
    "queue by steal",
  ]);
});

test("resolveConflicts() does not state what a finding contradicts, whatever the times", () => {
  expect(
    resolve(
      { id: "busy", contradicts: ["oversized"], from: 0, to: 10 },
      { id: "oversized", severity: "notice" },
    ),
  ).toEqual(["busy warning", "oversized refused"]);
});

test("resolveConflicts() states both where a finding says that it does not contradict this time", () => {
  expect(
    resolve(
      { id: "growth", contradicts: ["oversized"], compatible: ["oversized"] },
      { id: "oversized", severity: "notice" },
    ),
  ).toEqual(["growth warning", "oversized notice"]);
});
