import type { Grade } from "../data/grade.ts";
import type { Dataset } from "../statistics/dataset.ts";
import type { Confidence, Finding, Rule, RuleContext, Severity, Verdict } from "./finding.ts";
import { rules } from "./rules.ts";

export interface Judgement {
  rule: Rule;
  verdict: Verdict;
}

/** Every rule's verdict in the order of `rules`, no more confident than the data allows. */
export function judge(dataset: Dataset, context: RuleContext): Judgement[] {
  return rules.map((rule) => ({ rule, verdict: judgeOne(rule, dataset, context) }));
}

/** What fired, worst first. */
export function listFindings(judgements: readonly Judgement[]): { rule: Rule; finding: Finding }[] {
  return judgements
    .flatMap(({ rule, verdict }) =>
      verdict.outcome === "finding" ? [{ rule, finding: verdict.finding }] : [],
    )
    .toSorted(
      (a, b) =>
        severityOrder.indexOf(a.finding.severity) - severityOrder.indexOf(b.finding.severity) ||
        confidenceOrder.indexOf(a.finding.confidence) -
          confidenceOrder.indexOf(b.finding.confidence),
    );
}

const severityOrder: Severity[] = ["critical", "warning", "notice"];
const confidenceOrder: Confidence[] = ["high", "medium", "low"];
const mostConfident: Record<Exclude<Grade, "F">, Confidence> = {
  A: "high",
  B: "high",
  C: "medium",
  D: "low",
};

function judgeOne(rule: Rule, dataset: Dataset, context: RuleContext): Verdict {
  const { grade } = context.grade;
  if (grade === "F") return { outcome: "refused", reason: "The data has grade F." };
  const verdict = rule.judge(dataset, context);
  const cap = (confidence: Confidence): Confidence =>
    confidenceOrder[
      Math.max(confidenceOrder.indexOf(confidence), confidenceOrder.indexOf(mostConfident[grade]))
    ] ?? "low";
  switch (verdict.outcome) {
    case "refused":
      return verdict;
    case "clear":
      return { ...verdict, confidence: cap(verdict.confidence) };
    case "finding": {
      const { finding } = verdict;
      return { ...verdict, finding: { ...finding, confidence: cap(finding.confidence) } };
    }
  }
}
