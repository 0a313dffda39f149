import type { Grade } from "../validation/grade.ts";
import { totalS, type Span } from "../statistics/episodes.ts";
import type { Confidence, Finding, Rule, Severity } from "./finding.ts";
import type { Judgement } from "./conflicts.ts";

/** The worst first. */
export const severityOrder: readonly Severity[] = ["critical", "warning", "notice"];
/** The surest first. */
export const confidenceOrder: readonly Confidence[] = ["high", "medium", "low"];

/** How sure findings may be, by the grade of the data; F allows none. */
export const mostConfident: Readonly<Record<Exclude<Grade, "F">, Confidence>> = {
  A: "high",
  B: "high",
  C: "medium",
  D: "low",
};

/**
 * What fired, worst first: problems that are sure enough by severity, then those of low confidence, which never stand above
 * a firmer one, then notices; equals by confidence, then by how long they lasted.
 */
export function listFindings(judgements: readonly Judgement[]): { rule: Rule; finding: Finding }[] {
  return judgements
    .flatMap(({ rule, verdict }) =>
      verdict.outcome === "finding" ? [{ rule, finding: verdict.finding }] : [],
    )
    .toSorted(
      (a, b) =>
        classOf(a.finding) - classOf(b.finding) ||
        severityOrder.indexOf(a.finding.severity) - severityOrder.indexOf(b.finding.severity) ||
        confidenceOrder.indexOf(a.finding.confidence) -
          confidenceOrder.indexOf(b.finding.confidence) ||
        lastedS(b.finding) - lastedS(a.finding),
    );
}

function classOf({ severity, confidence }: Finding): number {
  if (severity === "notice") return 2;
  return confidence === "low" ? 1 : 0;
}

/** Time for which any of the evidence held; what was said of the whole window lasted longest of all. */
function lastedS({ evidence }: Finding): number {
  if (evidence.some(({ ranges }) => ranges.length === 0)) return Infinity;
  return totalS(unite(evidence.flatMap(({ ranges }) => ranges)));
}

/** The same time as spans that do not overlap, in order. */
export function unite(spans: readonly Span[]): Span[] {
  const united: Span[] = [];
  for (const { startS, endS } of spans.toSorted((a, b) => a.startS - b.startS)) {
    const last = united.at(-1);
    if (last !== undefined && startS <= last.endS) last.endS = Math.max(last.endS, endS);
    else united.push({ startS, endS });
  }
  return united;
}

/** Seconds that lie in both; of spans that do not overlap among themselves. */
export function commonS(some: readonly Span[], others: readonly Span[]): number {
  return others.reduce(
    (sum, { startS, endS }) =>
      sum +
      some.reduce(
        (within, span) =>
          within + Math.max(0, Math.min(endS, span.endS) - Math.max(startS, span.startS)),
        0,
      ),
    0,
  );
}
