// States that no rule has, for none of their periods lasted long enough, and that are no bursts either: not over when the capture ended, or most of it.
import { formatDuration } from "../format.ts";
import type { Dataset } from "../statistics/dataset.ts";
import { minimumValues } from "../statistics/episodes.ts";
import type { Finding, Rule, RuleContext } from "./finding.ts";
import { unite } from "./ranking.ts";

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
  // Of samples that are far apart, as many as an episode has at least.
  const neededS = Math.max(minimumS, minimumValues * (dataset.timing.intervalS ?? 0));
  const [needed, worth] = [neededS, leastTimes * neededS].map(formatDuration);
  const isRepeated = unite(finding.evidence.flatMap(({ ranges }) => ranges)).length > 1;
  return {
    ...finding,
    severity: "notice",
    cutShort: severity,
    advice: [
      isRepeated
        ? `It came and went, each time for less than ${needed}: see what starts it again and again (a timer, a queue that fills up, a service that restarts).`
        : `See whether it lasts, for shorter than ${needed} it may be a burst: capture for ${worth} or longer while the machine does the same.`,
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
