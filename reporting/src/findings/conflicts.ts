// Rules judge alone. Here what they say is made one statement: a cause takes its consequences with it, and what cannot
// be true beside a firm finding is not stated.
import { lowerFirst } from "../format.ts";
import { totalS } from "../statistics/episodes.ts";
import type { Finding, Rule, Verdict } from "./finding.ts";
import { commonS, confidenceOrder, severityOrder, unite } from "./ranking.ts";

/** A rule's finding that another's finding explains: told as its consequence. */
export interface Explained {
  outcome: "explained";
  /** The rule whose finding is the cause; it has a finding itself. */
  by: Rule;
  finding: Finding;
}

export interface Judgement {
  rule: Rule;
  verdict: Verdict | Explained;
}

interface Found {
  rule: Rule;
  finding: Finding;
}

/** Share of a finding's time that must lie within its cause's. */
const commonRatio = 0.5;

/**
 * A finding becomes the consequence of one whose rule explains it where at least half of its time is the cause's; the cause
 * is then at least as severe. Of devices, both must mean the same ones where the rule says so. A cause of low confidence explains nothing that is surer than itself. Findings that another
 * contradicts become refusals.
 */
export function resolveConflicts(
  judgements: readonly { rule: Rule; verdict: Verdict }[],
): Judgement[] {
  const found = judgements.flatMap(({ rule, verdict }): Found[] =>
    verdict.outcome === "finding" ? [{ rule, finding: verdict.finding }] : [],
  );
  const refuted = new Map(
    found.flatMap((one) => {
      const against = found.find((other) => contradicts(other, one));
      return against === undefined ? [] : [[one.rule.id, against.rule]];
    }),
  );
  const standing = found.filter(({ rule }) => !refuted.has(rule.id));
  const causes = new Map(standing.map((one) => [one.rule.id, rootCause(one, standing)]));
  return judgements.map(({ rule, verdict }): Judgement => {
    if (verdict.outcome !== "finding") return { rule, verdict };
    const against = refuted.get(rule.id);
    if (against !== undefined) {
      return { rule, verdict: { outcome: "refused", reason: contradictionReason(against) } };
    }
    const { finding } = verdict;
    const cause = causes.get(rule.id);
    if (cause !== undefined && cause !== null) {
      return { rule, verdict: { outcome: "explained", by: cause.rule, finding } };
    }
    const consequences = standing.filter((one) => causes.get(one.rule.id)?.rule === rule);
    return { rule, verdict: { ...verdict, finding: takeSeverity(finding, consequences) } };
  });
}

function contradicts(one: Found, other: Found): boolean {
  const { id } = other.rule;
  if (one.finding.compatible?.includes(id) === true) return false;
  return one.rule.contradicts?.includes(id) === true;
}

function contradictionReason({ title }: Rule): string {
  return `Not stated, for it would contradict the finding on ${lowerFirst(title)}.`;
}

/** The finding behind a finding, through any number of steps; null where it stands for itself. */
function rootCause(one: Found, standing: readonly Found[]): Found | null {
  const seen = new Set<Rule>([one.rule]);
  let root: Found | null = null;
  for (let current: Found | undefined = one; current !== undefined;) {
    const consequence: Found = current;
    current = standing.find((other) => !seen.has(other.rule) && explains(other, consequence));
    if (current !== undefined) {
      seen.add(current.rule);
      root = current;
    }
  }
  return root;
}

function explains(cause: Found, consequence: Found): boolean {
  const { id } = consequence.rule;
  if (cause.rule.explains?.includes(id) !== true) return false;
  // Nobody saw it last: it is no reason for what did.
  if (cause.finding.cutShort !== undefined && consequence.finding.cutShort === undefined)
    return false;
  if (cause.finding.unexplained?.includes(id) === true) return false;
  if (cause.rule.perDevice?.includes(id) === true && !covers(cause.finding, consequence.finding)) {
    return false;
  }
  const doubt = confidenceOrder.indexOf(cause.finding.confidence);
  if (
    cause.finding.confidence === "low" &&
    doubt > confidenceOrder.indexOf(consequence.finding.confidence)
  ) {
    return false;
  }
  return coincide(cause.finding, consequence.finding);
}

/** A full disk is no reason for another one's slowness. */
function covers({ devices: own = [] }: Finding, { devices = [] }: Finding): boolean {
  return devices.every((device) => own.includes(device));
}

/** What is said of the whole window coincides with everything. */
function coincide(cause: Finding, consequence: Finding): boolean {
  const [causes, consequences] = [cause, consequence].map(({ evidence }) =>
    unite(evidence.flatMap(({ ranges }) => ranges)),
  );
  if (causes === undefined || consequences === undefined) return false;
  if (causes.length === 0 || consequences.length === 0) return true;
  return commonS(causes, consequences) >= commonRatio * totalS(consequences);
}

function takeSeverity(finding: Finding, consequences: readonly Found[]): Finding {
  const ranks = [finding, ...consequences.map((one) => one.finding)].map(({ severity }) =>
    severityOrder.indexOf(severity),
  );
  return { ...finding, severity: severityOrder[Math.min(...ranks)] ?? finding.severity };
}
