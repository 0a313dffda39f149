// Processes that the kernel killed for want of memory: of the machine, or of a container.
import { formatCount } from "../format.ts";
import type { Dataset, Measure } from "../statistics/dataset.ts";
import type { Span } from "../statistics/episodes.ts";
import type { Evidence } from "./finding.ts";

/** An interval in which processes were killed. */
export interface KillTime extends Span {
  /** Of the sample that ends it. */
  row: number;
  /** How many. */
  count: number;
}

/** Of a rate of killed processes, which covers the interval that ends with its sample. */
export function killTimes({ timestampsS, timing }: Dataset, { values }: Measure): KillTime[] {
  const times: KillTime[] = [];
  for (let row = 0; row < values.length; row++) {
    const rate = values[row] ?? NaN;
    if (!(rate > 0)) continue;
    const endS = timestampsS[row] ?? NaN;
    const sinceS = endS - (timestampsS[row - 1] ?? NaN);
    // The first sample's interval began before the data.
    const lengthS = Number.isNaN(sinceS) ? (timing.intervalS ?? 1) : sinceS;
    const count = Math.max(1, Math.round(rate * lengthS));
    times.push({ row, startS: endS - lengthS, endS, count });
  }
  return times;
}

/** Of the machine; null where nobody counted them. */
export function machineKills(dataset: Dataset): KillTime[] | null {
  const measure = dataset.measure("vm_oom_kills");
  return measure === null ? null : killTimes(dataset, measure);
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
