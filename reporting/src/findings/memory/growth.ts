// Memory that only ever grows: a trend that is there whatever part of the window one looks at.
import { addToBuckets, bucketMeans, createBuckets } from "../../statistics/buckets.ts";
import { formatDuration } from "../../format.ts";
import type { Dataset, Measure } from "../../statistics/dataset.ts";
import { measuredS } from "../../statistics/episodes.ts";
import { theilSen } from "../../statistics/theil-sen.ts";
import type { RuleContext, Verdict } from "../finding.ts";

/** Less is a part of a day, which rises and falls by itself. */
export const leastGrowthS = 12 * 3600;

export interface Growth {
  /** Bytes a second: the median slope, and its bounds at 95 %. */
  slope: number;
  low: number;
  high: number;
  /** Over the whole window, by the trend. */
  grownBytes: number;
  lengthS: number;
  /** Whether the least value of nearly every sixth of the window was higher than that of the sixth before, and none much lower. */
  steady: boolean;
}

/** Of a part of the memory. */
export interface PartGrowth extends Growth {
  measure: Measure;
  /** All memory. */
  totalBytes: number;
  /** Percent of all memory that was added over the window. */
  grownPercent: number;
}

const points = 240;
const parts = 6;
/** Of all that was added: a daily course gives back more than this, a leak nothing. */
const mostFall = 0.1;

/** What a rule says of the growth of a part of the memory, or why nothing can be said. */
export function judgeGrowth(
  dataset: Dataset,
  { grade }: RuleContext,
  { name, missing }: { name: string; missing: string },
  conclude: (growth: PartGrowth) => Verdict,
): Verdict {
  const refused = (reason: string): Verdict => ({ outcome: "refused", reason });
  const [measure, total] = [dataset.measure(name), dataset.measure("mem_total")];
  if (measure === null || total === null) return refused(missing);
  if (grade.forbids.trend !== null) return refused(grade.forbids.trend);
  const growth = measureGrowth(dataset, measure);
  if (growth === null) {
    const length = formatDuration(dataset.timing.lengthS);
    return refused(`${length} of data; a trend of memory needs ${formatDuration(leastGrowthS)}.`);
  }
  const totalBytes = dataset.summary(total).max;
  const grownPercent = (100 * growth.grownBytes) / totalBytes;
  return conclude({ ...growth, measure, totalBytes, grownPercent });
}

/** Null where less than twelve hours were measured. */
function measureGrowth(dataset: Dataset, measure: Measure): Growth | null {
  const minutes = dataset.minutes(measure);
  if (measuredS(minutes) < leastGrowthS) return null;
  const { startS, bucketS, means } = minutes;
  const spanS = means.length * bucketS;
  const times = means.map((_, minute) => startS + minute * bucketS);
  const buckets = createBuckets(startS, spanS / points, points);
  addToBuckets(buckets, times, means);
  const x = Float64Array.from({ length: points }, (_, point) => (point * spanS) / points);
  const { slope, low, high } = theilSen(x, bucketMeans(buckets));
  const floors = createBuckets(startS, spanS / parts, parts);
  addToBuckets(floors, times, means);
  const steps = [...floors.min.subarray(1)].map((least, part) => least - (floors.min[part] ?? NaN));
  const { lengthS } = dataset.timing;
  const grownBytes = slope * lengthS;
  return {
    slope,
    low,
    high,
    grownBytes,
    lengthS,
    steady:
      steps.filter((step) => step > 0).length >= parts - 2 &&
      steps.every((step) => !(step < -mostFall * grownBytes)),
  };
}
