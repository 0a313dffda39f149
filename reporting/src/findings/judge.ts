import type { Dataset } from "../statistics/dataset.ts";
import { findCutShort } from "./cut-short.ts";
import type { Confidence, Rule, RuleContext, Verdict } from "./finding.ts";
import { resolveConflicts, type Judgement } from "./conflicts.ts";
import { confidenceOrder, mostConfident } from "./ranking.ts";
import { rules } from "./rules.ts";

/**
 * Every rule's verdict in the order of `rules`, no more confident than the data allows, and such that no two findings
 * contradict or repeat each other.
 */
export function judge(dataset: Dataset, context: RuleContext): Judgement[] {
  return resolveConflicts(
    rules.map((rule) => ({ rule, verdict: judgeOne(rule, dataset, context) })),
  );
}

/** What lasted long enough; else what the capture cuts short. */
function judgeInTime(rule: Rule, dataset: Dataset, context: RuleContext): Verdict {
  const verdict = rule.judge(dataset, context);
  if (verdict.outcome === "finding") return verdict;
  const finding = findCutShort(rule, dataset, context);
  return finding === null ? verdict : { outcome: "finding", finding };
}

function judgeOne(rule: Rule, dataset: Dataset, context: RuleContext): Verdict {
  const { grade } = context.grade;
  if (rule.aboutData === true) return rule.judge(dataset, context);
  if (grade === "F") return { outcome: "refused", reason: "The data has grade F." };
  const verdict = judgeInTime(rule, dataset, context);
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
