// The common kind of rule: a quantity, of the machine or of each device, beyond a limit for a time.
import type { Unit } from "@perfanalysis/contract/metrics";
import { formatDuration, formatFixed, formatNumber, formatValue } from "../format.ts";
import { percentiles } from "../statistics/percentiles.ts";
import type { Dataset } from "../statistics/dataset.ts";
import type { Condition, Episode, Minutes } from "../statistics/episodes.ts";
import {
  allTooShort,
  defineCritical,
  describeEpisodes,
  describeStrictly,
  findStrictEpisodes,
  howOften,
  longestOf,
  severityOf,
  spanName,
  tooShort,
  totalBeyondS,
} from "./duration.ts";
import type { Confidence, Evidence, Rule, RuleContext, Severity, Verdict } from "./finding.ts";

/** Beyond what a signal counts, and in which unit; "times" is a multiple of what the machine is used to. */
export interface Limit extends Condition {
  unit: Unit | "times";
}

/** What such a rule looks at. */
export interface Signal {
  /** As in "Steal", "eth0: receive drops". */
  label: string;
  minutes: Minutes;
  /** What was measured, where `minutes` counts a part of it only, or a multiple: told where nothing is wrong. */
  raw?: { minutes: Minutes; unit: Unit };
  chartId: string | null;
  /** Null for the machine as a whole. */
  device: string | null;
}

/** A signal that was beyond the limit for long enough. */
export interface State {
  signal: Signal;
  /** At least one. */
  episodes: Episode[];
  longest: Episode;
  worst: number;
  /** "for 47 min (2 Mar 2026 06:05 – 06:52 UTC)", and how it reads for several periods. */
  when: string;
  /** " at times", " most of the time" or " throughout", to follow what was so. */
  often: string;
}

/** What a state means; the framework adds severity, evidence and times. */
export interface Conclusion {
  title: string;
  sentence: string;
  advice: string[];
  /** Beyond the signal's own. */
  evidence?: Evidence[];
  /** Instead of the rule's. */
  confidence?: Confidence;
  severity?: Severity;
  unexplained?: readonly string[];
}

export interface ThresholdRule extends Pick<
  Rule,
  "id" | "title" | "source" | "explains" | "perDevice" | "contradicts"
> {
  /** What is beyond the limit, to begin the definition with: "Steal". */
  quantity: string;
  /** When alone it counts, to follow the limit: "while the CPUs are busy above 50 %". */
  provided?: string;
  limit: Limit;
  /** An episode as long as this makes a warning critical; null where no duration does. */
  criticalS: number | null;
  /** Of what does not last that long; default warning. */
  severity?: Severity;
  confidence: Confidence;
  /** Empty where the data has nothing to judge by. */
  signals(dataset: Dataset, context: RuleContext): Signal[];
  /** Why nothing can be judged without a signal; by what the data has, where that makes a difference. */
  missing: string | ((context: RuleContext, dataset: Dataset) => string);
  /** What is in order, in figures, where those of the signals alone say little: a share that is 0 below a floor, for example. */
  inOrder?(dataset: Dataset, context: RuleContext): string;
  /** `worst` is the state that lasted longest; `all` begins with it. */
  conclude(worst: State, all: readonly State[], dataset: Dataset, context: RuleContext): Conclusion;
}

export function thresholdRule(rule: ThresholdRule): Rule {
  const { id, title, source, explains = [], perDevice = [], contradicts = [] } = rule;
  return {
    id,
    title,
    definition: define(rule),
    source,
    explains,
    perDevice,
    contradicts,
    minimumS: rule.limit.minimumS,
    judge: (dataset, context) => judge(rule, dataset, context),
  };
}

/** A column or derived quantity as a signal; none where it has no values. */
export function signalOf(
  dataset: Dataset,
  name: string,
  { chartId = null, label, device = null }: Partial<Signal> = {},
): Signal[] {
  const measure = dataset.measure(name);
  if (measure === null) return [];
  return [{ label: label ?? measure.label, minutes: dataset.minutes(measure), chartId, device }];
}

/** Measures as they are, for `inOrder`: "Tasks created 12.0 /s at the 95th percentile, 40.0 /s at most; …". */
export function describeMeasures(dataset: Dataset, names: readonly string[]): string {
  return names
    .flatMap((name) => {
      const measure = dataset.measure(name);
      if (measure === null) return [];
      const { p95, max } = dataset.summary(measure);
      const [usual, most] = [p95, max].map((value) => formatValue(value, measure.unit));
      return [`${measure.label} ${usual} at the 95th percentile, ${most} at most`];
    })
    .join("; ");
}

/** One observation of a state, in numbers. */
export function stateEvidence(
  { signal, episodes, worst }: State,
  { direction, enter, leave, minimumS, unit }: Limit,
): Evidence {
  const back = direction === "above" ? "below" : "above";
  const when = describeStrictly(episodes, `${back} ${formatLimit(leave, unit)}`);
  return {
    sentence: `${signal.label} ${direction} ${formatLimit(enter, unit)} ${when}; the worst ${spanName(signal.minutes)} ${formatAmount(worst, unit)}.`,
    threshold: `${formatLimit(enter, unit)} for ${formatDuration(minimumS)}`,
    ranges: episodes,
    chartId: signal.chartId,
  };
}

/** The states of those signals that were beyond the limit, the one that lasted longest first. */
export function findStates(signals: readonly Signal[], condition: Condition): State[] {
  const worse = condition.direction === "above" ? Math.max : Math.min;
  return signals
    .flatMap((signal): State[] => {
      const episodes = findStrictEpisodes(signal.minutes, condition);
      if (episodes.length === 0) return [];
      const worst = episodes.map((episode) => episode.worst).reduce((a, b) => worse(a, b));
      const longest = longestOf(episodes);
      const when = describeEpisodes(episodes);
      const often = howOften(episodes, signal.minutes.window);
      return [{ signal, episodes, longest, worst, when, often }];
    })
    .toSorted((a, b) => totalBeyondS(b.episodes) - totalBeyondS(a.episodes));
}

/** Whether the data ends in that state: it is so, not was. */
export function holds({ episodes, signal }: State): boolean {
  return (episodes.at(-1)?.endS ?? NaN) >= signal.minutes.window.endS;
}

function judge(rule: ThresholdRule, dataset: Dataset, context: RuleContext): Verdict {
  const { limit, criticalS } = rule;
  const signals = rule.signals(dataset, context);
  const missing = typeof rule.missing === "string" ? rule.missing : rule.missing(context, dataset);
  if (signals.length === 0) return { outcome: "refused", reason: missing };
  const refusal = allTooShort(
    signals.map(({ minutes }) => minutes),
    limit.minimumS,
  );
  if (refusal !== null) return { outcome: "refused", reason: refusal };
  const long = signals.filter(({ minutes }) => tooShort(minutes, limit.minimumS) === null);
  const states = findStates(long, limit);
  const [worst] = states;
  if (worst === undefined) {
    return clear(rule, rule.inOrder?.(dataset, context) ?? describeSignals(rule, long));
  }
  const { evidence = [], ...conclusion } = rule.conclude(worst, states, dataset, context);
  const [observed, ...others] = states.map((state) => stateEvidence(state, limit));
  const critical =
    criticalS !== null &&
    states.some(
      ({ episodes, signal }) =>
        severityOf(episodes, signal.minutes.window, criticalS) === "critical",
    );
  return {
    outcome: "finding",
    finding: {
      severity: critical ? "critical" : (rule.severity ?? "warning"),
      confidence: rule.confidence,
      ...conclusion,
      evidence: [...(observed === undefined ? [] : [observed]), ...evidence, ...others],
      devices: [...new Set(states.flatMap(({ signal: { device } }) => device ?? []))],
    },
  };
}

/** Devices named where nothing is wrong; of the others there is but the number. */
const mostNamed = 3;

function clear({ limit, provided }: ThresholdRule, figures: string): Verdict {
  const { enter, minimumS, unit } = limit;
  const usual = unit === "times" ? " the usual" : "";
  const scope = provided === undefined ? "" : `, ${provided}`;
  return {
    outcome: "clear",
    sentence: `${figures} (limit ${formatLimit(enter, unit)}${usual} for ${formatDuration(minimumS)}${scope}).`,
    confidence: "high",
  };
}

function describeSignals({ limit }: ThresholdRule, signals: readonly Signal[]): string {
  const above = limit.direction === "above";
  const figures = signals
    .map(({ label, minutes, raw = { minutes, unit: limit.unit } }) => {
      const [extreme = NaN, usual = NaN] = percentiles(
        raw.minutes.means,
        above ? [1, 0.95] : [0, 0.05],
      );
      return { label, extreme, usual, unit: raw.unit, span: spanName(minutes) };
    })
    .toSorted((a, b) => (above ? b.extreme - a.extreme : a.extreme - b.extreme));
  const shown = figures.slice(0, mostNamed);
  const others = figures.length - shown.length;
  if (above && figures.every(({ extreme }) => extreme === 0)) {
    const labels = shown.map(({ label }) => label).join(", ");
    return `${labels}${others === 0 ? "" : ` and ${others} more`}: none at any time`;
  }
  const words = shown.map(({ label, extreme, usual, unit, span }) => {
    const [most, mostly] = [extreme, usual].map((value) => formatAmount(value, unit));
    const percentile =
      most === mostly ? "" : `, ${mostly} at the ${above ? "95th" : "5th"} percentile`;
    return `${label} ${above ? "at most" : "at least"} ${most} in ${span === "minute" ? "a minute" : span}${percentile}`;
  });
  return `${words.join("; ")}${others === 0 ? "" : `; ${others} more within the limit`}`;
}

function define({ quantity, limit, provided, criticalS, severity }: ThresholdRule): string {
  const { direction, enter, leave, minimumS, unit } = limit;
  const back = direction === "above" ? "below" : "above";
  const beyond = `${direction} ${formatLimit(enter, unit)} (until ${back} ${formatLimit(leave, unit)})`;
  const scope = provided === undefined ? "" : `, ${provided}`;
  const notice = severity === "notice" ? "; a notice" : "";
  const critical = criticalS === null ? notice : `; ${defineCritical(criticalS)}`;
  return `${quantity} ${beyond}${scope}, as means of a minute, for ${formatDuration(minimumS)}${critical}.`;
}

/** With the decimals that it was written with. */
function formatLimit(value: number, unit: Limit["unit"]): string {
  const plain = formatFixed(value, String(value).split(".")[1]?.length ?? 0);
  if (unit === "times") return `${plain} ${value === 1 ? "time" : "times"}`;
  if (unit === "count") return plain;
  if (unit === "percent") return `${plain} %`;
  return unit === "1/s" ? `${plain} /s` : formatValue(value, unit);
}

function formatAmount(value: number, unit: Limit["unit"]): string {
  return unit === "times" ? `${formatNumber(value)} times` : formatValue(value, unit);
}
