import { formatCount } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import type { Span } from "../../statistics/episodes.ts";
import type { Evidence } from "../finding.ts";

/** An interval in which the kernel killed processes for want of memory. */
export interface KillTime extends Span {
  /** How many. */
  count: number;
}

/** Null where nobody counted them. A rate covers the interval that ends with its sample. */
export function killTimes(dataset: Dataset): KillTime[] | null {
  const measure = dataset.measure("vm_oom_kills");
  if (measure === null) return null;
  const { timestampsS, timing } = dataset;
  const { values } = measure;
  const times: KillTime[] = [];
  for (let row = 0; row < values.length; row++) {
    const rate = values[row] ?? NaN;
    if (!(rate > 0)) continue;
    const endS = timestampsS[row] ?? NaN;
    const sinceS = endS - (timestampsS[row - 1] ?? NaN);
    // The first sample's interval began before the data.
    const lengthS = Number.isNaN(sinceS) ? (timing.intervalS ?? 1) : sinceS;
    times.push({ startS: endS - lengthS, endS, count: Math.max(1, Math.round(rate * lengthS)) });
  }
  return times;
}

export function killsWithin(times: KillTime[] | null, spans: readonly Span[]): KillTime[] {
  return (times ?? []).filter(({ startS, endS }) =>
    spans.some((span) => startS < span.endS && endS > span.startS),
  );
}

export function killEvidence(times: readonly KillTime[]): Evidence {
  const count = times.reduce((sum, time) => sum + time.count, 0);
  return {
    sentence: `The kernel killed ${formatCount(count, "process", "processes")} for want of memory.`,
    threshold: "none at all",
    ranges: times.map(({ startS, endS }) => ({ startS, endS })),
    chartId: null,
  };
}
