import type { Timing } from "../data/timing.ts";
import { spanOf, type Minutes, type Span } from "./episodes.ts";

/**
 * Of each minute, the seconds that its mean stands for: those within the series and outside of gaps. 0 where there is no mean. Means of
 * longer spans weigh their minutes by it, and so are those of the samples, each by its time.
 */
export function measuredSeconds(minutes: Minutes, { intervalS, gaps }: Timing): Float64Array {
  const { startS, bucketS, means } = minutes;
  const spans = Array.from(means, (mean, minute): Span | null =>
    Number.isNaN(mean) ? null : spanOf(minutes, minute, minute + 1),
  );
  const seconds = Float64Array.from(spans, (span) => (span === null ? 0 : span.endS - span.startS));
  for (const { fromS, toS } of gaps) {
    // The sample before the gap stands for its interval.
    const gap = { startS: fromS + (intervalS ?? 0), endS: toS };
    const last = Math.floor((gap.endS - startS) / bucketS);
    for (let minute = Math.floor((gap.startS - startS) / bucketS); minute <= last; minute++) {
      const span = spans[minute];
      if (span) seconds[minute] = (seconds[minute] ?? 0) - sharedS(span, gap);
    }
  }
  return seconds;
}

function sharedS(one: Span, other: Span): number {
  return Math.max(0, Math.min(one.endS, other.endS) - Math.max(one.startS, other.startS));
}
