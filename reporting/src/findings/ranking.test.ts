import { expect, test } from "vitest";
import type { Confidence, Finding, Rule, Severity } from "./finding.ts";
import { listFindings, unite } from "./ranking.ts";

const rule: Rule = {
  id: "test",
  title: "Test",
  definition: "",
  source: "",
  judge: () => ({ outcome: "refused", reason: "" }),
};

function finding(severity: Severity, confidence: Confidence, lastedS: number | null): Finding {
  const ranges = lastedS === null ? [] : [{ startS: 0, endS: lastedS }];
  const evidence = [{ sentence: "", threshold: "", ranges, chartId: null }];
  const title = `${severity} ${confidence} ${lastedS ?? "whole"}`;
  return { severity, confidence, title, sentence: "", evidence, advice: [] };
}

test("listFindings() puts the worst first, no guess above what is sure, and notices last", () => {
  const findings = [
    finding("notice", "high", null),
    finding("warning", "low", 600),
    finding("warning", "medium", 600),
    finding("critical", "low", 600),
    finding("warning", "high", 300),
    finding("warning", "high", null),
    finding("warning", "high", 900),
    finding("critical", "medium", 600),
  ];
  const judgements = findings.map((one) => ({
    rule,
    verdict: { outcome: "finding", finding: one } as const,
  }));
  expect(listFindings(judgements).map((one) => one.finding.title)).toEqual([
    "critical medium 600",
    "warning high whole",
    "warning high 900",
    "warning high 300",
    "warning medium 600",
    "critical low 600",
    "warning low 600",
    "notice high whole",
  ]);
});

test("unite() joins spans that overlap or touch, in whatever order they come", () => {
  const spans = [
    { startS: 50, endS: 60 },
    { startS: 0, endS: 10 },
    { startS: 10, endS: 20 },
    { startS: 5, endS: 8 },
  ];
  expect(unite(spans)).toEqual([
    { startS: 0, endS: 20 },
    { startS: 50, endS: 60 },
  ]);
});
