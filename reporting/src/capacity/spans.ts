import type { Minutes } from "../statistics/episodes.ts";

/** Means over longer, equal spans of time. */
export interface Spans {
  /** Start of each, Unix seconds; a whole multiple of `spanS` from the first. */
  startsS: Float64Array;
  spanS: number;
  /** NaN where less than `leastShare` of a span was measured. */
  means: Float64Array;
}

/** Of its minutes, what a span must have to speak for itself. */
const leastShare = 0.8;

/** From a minute to the next whole `spanS` on; `spanS` is taken up to a multiple of the minutes' length. */
export function toSpans({ startS, bucketS, means }: Minutes, wantedS: number): Spans {
  const spanS = bucketS * Math.ceil(wantedS / bucketS);
  const firstS = Math.floor(startS / spanS) * spanS;
  const length = Math.floor((startS - firstS + bucketS * means.length - 1) / spanS) + 1;
  const counts = new Uint32Array(length);
  const sums = new Float64Array(length);
  for (let minute = 0; minute < means.length; minute++) {
    const mean = means[minute] ?? NaN;
    if (mean !== mean) continue;
    const span = Math.floor((startS - firstS + minute * bucketS) / spanS);
    counts[span] = (counts[span] ?? 0) + 1;
    sums[span] = (sums[span] ?? 0) + mean;
  }
  const least = (leastShare * spanS) / bucketS;
  return {
    startsS: Float64Array.from({ length }, (_, span) => firstS + span * spanS),
    spanS,
    means: sums.map((sum, span) =>
      (counts[span] ?? 0) >= least ? sum / (counts[span] ?? 0) : NaN,
    ),
  };
}
