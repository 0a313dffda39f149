// What a capture ends too early to prove: a state that was not over, or made up most of it, though for less time than its rule asks for.
import { formatDuration } from "../format.ts";
import type { Dataset } from "../statistics/dataset.ts";
import type { Finding, Rule, RuleContext } from "./finding.ts";

/**
 * A notice, in the words of the rule, of what would be its finding had it lasted; null where there is no such state, or the rule
 * is none of states. It refutes nothing: what may be but a burst does not.
 */
export function findCutShort(rule: Rule, dataset: Dataset, context: RuleContext): Finding | null {
  const { minimumS, contradicts = [] } = rule;
  if (minimumS === undefined) return null;
  const verdict = rule.judge(seekingCutShort(dataset), context);
  if (verdict.outcome !== "finding") return null;
  const { severity, advice, ...finding } = verdict.finding;
  const [needed, worth] = [minimumS, leastTimes * minimumS].map(formatDuration);
  return {
    ...finding,
    severity: "notice",
    cutShort: severity,
    advice: [
      `See whether it lasts, for shorter than ${needed} it may be a burst: capture for ${worth} or longer while the machine does the same.`,
      ...advice,
    ],
    compatible: contradicts,
  };
}

/** How often what is sought must fit into a capture that is to show more than it alone. */
const leastTimes = 3;

function seekingCutShort(dataset: Dataset): Dataset {
  return {
    ...dataset,
    minutes: (measure) => ({ ...dataset.minutes(measure), seeksCutShort: true }),
  };
}
