import { percentiles } from "../../statistics/percentiles.ts";
import type { Minutes } from "../../statistics/episodes.ts";

/**
 * Each minute as a multiple of the median minute, 0 where it is below `floor`: a small machine's quiet hours are no measure
 * of a storm. A median below `least` is taken for `least`.
 */
export function toMultiples(
  minutes: Minutes,
  { floor, least }: { floor: number; least: number },
): Minutes {
  const [median = NaN] = percentiles(minutes.means, [0.5]);
  const base = Math.max(median, least);
  const means = minutes.means.map((mean) => (mean < floor ? 0 : mean / base));
  return { ...minutes, means };
}
