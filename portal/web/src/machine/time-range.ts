import { renderDuration } from "../ui/times.ts";

/** What of a machine's samples is shown. `last` and `all` end at the newest sample and follow it. */
export type TimeRange =
  | { kind: "last"; lengthS: number }
  | { kind: "all" }
  | { kind: "between"; fromS: number; toS: number };

/** Unix seconds; `toS` is exclusive. */
export interface Span {
  fromS: number;
  toS: number;
}

/** How a range stands in the page's address. */
export interface RangeSearch {
  range?: string;
  from?: number;
  to?: number;
}

export const presets = [
  { key: "5m", label: "5 min", lengthS: 300 },
  { key: "15m", label: "15 min", lengthS: 900 },
  { key: "1h", label: "1 h", lengthS: 3_600 },
  { key: "24h", label: "24 h", lengthS: 86_400 },
  { key: "7d", label: "7 days", lengthS: 604_800 },
  { key: "all", label: "All", lengthS: null },
] as const;

/** Narrower than this there is nothing to see. */
export const shortestSpanS = 5;

/** null where the address names no range, or none that makes sense. */
export function parseRange({ range, from, to }: RangeSearch): TimeRange | null {
  if (from !== undefined && to !== undefined) {
    return to > from ? { kind: "between", fromS: from, toS: to } : null;
  }
  const preset = presets.find(({ key }) => key === range);
  if (preset === undefined) return null;
  return preset.lengthS === null ? { kind: "all" } : { kind: "last", lengthS: preset.lengthS };
}

export function toRangeSearch(range: TimeRange): RangeSearch {
  if (range.kind === "between") return { from: range.fromS, to: range.toS };
  const key = presetKey(range);
  return key === null ? {} : { range: key };
}

/** The preset that `range` is, or null for a custom one. */
export function presetKey(range: TimeRange): string | null {
  if (range.kind === "between") return null;
  const lengthS = range.kind === "all" ? null : range.lengthS;
  return presets.find((preset) => preset.lengthS === lengthS)?.key ?? null;
}

/** The first samples of a live machine stand in a picture of this length, else each new one would move all others. */
const shortestFollowedS = 60;

/**
 * The range in numbers, on a machine with samples from `samples.fromS` up to just before `samples.toS`. Time before the
 * first sample is left out: a machine that has just begun would be a sliver at the edge of an empty chart.
 */
export function toSpan(range: TimeRange, samples: Span): Span {
  if (range.kind === "between") return { fromS: range.fromS, toS: range.toS };
  const { fromS, toS } = samples;
  if (range.kind === "all") {
    // A single sample stands in the middle.
    const besideS = Math.max(0, Math.ceil((shortestSpanS - (toS - fromS)) / 2));
    return { fromS: fromS - besideS, toS: toS + besideS };
  }
  return { fromS: toS - Math.min(range.lengthS, Math.max(shortestFollowedS, toS - fromS)), toS };
}

/** How many buckets to ask for: a sample each where they fit, else more than a chart has room for in one column. */
export function pointsFor({ fromS, toS }: Span): number {
  const lengthS = Math.max(1, Math.ceil(toS - fromS));
  return lengthS <= 900 ? lengthS : 720;
}

/** Half the span around `centreS`, in whole seconds and inside the span. */
export function zoomIn(span: Span, centreS: number): Span {
  const lengthS = Math.max(shortestSpanS, Math.round((span.toS - span.fromS) / 2));
  const fromS = Math.min(
    Math.max(span.fromS, Math.round(centreS - lengthS / 2)),
    Math.max(span.fromS, span.toS - lengthS),
  );
  return { fromS, toS: Math.min(span.toS, fromS + lengthS) };
}

/** What is shown, in words; `span` is the range in numbers. */
export function renderRange(range: TimeRange, span: Span): string {
  const length = renderDuration(span.toS - span.fromS);
  if (range.kind === "between") return length;
  const isWhole = range.kind === "all" || span.toS - span.fromS < range.lengthS;
  return isWhole ? `All samples, ${length}` : `Last ${length}`;
}
