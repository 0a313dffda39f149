import type { Timing } from "../data/timing.ts";
import { spanOf, type Minutes, type Span } from "./episodes.ts";

/**
 * Of each minute, the seconds that its mean stands for: those within the series and outside of gaps. 0 where there is no mean. Means of
 * longer spans weigh their minutes by it, and so are those of the samples, each by its time.
 */
export function measuredSeconds(minutes: Minutes, { intervalS, gaps }: Timing): Float64Array {
  const { startS, bucketS, means } = minutes;
  const seconds = means.map((mean) => (Number.isNaN(mean) ? 0 : bucketS));
  // Few minutes begin or end in the middle.
  for (const [minute, span] of minutes.edges)
    if (seconds[minute] !== 0) seconds[minute] = span.endS - span.startS;
  for (const { fromS, toS } of gaps) {
    // The sample before the gap stands for its interval.
    const gap = { startS: fromS + (intervalS ?? 0), endS: toS };
    const last = Math.floor((gap.endS - startS) / bucketS);
    for (let minute = Math.floor((gap.startS - startS) / bucketS); minute <= last; minute++) {
      const measuredS = seconds[minute] ?? 0;
      if (measuredS === 0) continue;
      seconds[minute] = measuredS - sharedS(spanOf(minutes, minute, minute + 1), gap);
    }
  }
  return seconds;
}

function sharedS(one: Span, other: Span): number {
  return Math.max(0, Math.min(one.endS, other.endS) - Math.max(one.startS, other.startS));
}
