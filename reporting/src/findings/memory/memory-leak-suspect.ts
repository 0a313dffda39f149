import { formatBounds, formatDuration, formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import {
  chartIds,
  type Confidence,
  type Rule,
  type RuleContext,
  type Verdict,
} from "../finding.ts";
import { roundly } from "../roundly.ts";
import { judgeGrowth, leastGrowthS, type Growth, type PartGrowth } from "./growth.ts";

/** Percent of all memory that must have been added over the window. */
const leastGrown = 3;
const dayS = 86_400;
/** Time to exhaustion from which there is something to do now. */
const soonS = 30 * dayS;

export const memoryLeakSuspect: Rule = {
  id: "memory-leak-suspect",
  title: "Growing memory use",
  definition:
    `Over ${formatDuration(leastGrowthS)} or more, used memory has a trend (Theil–Sen) that is upward with 95 % confidence and adds at least ${leastGrown} % of all memory, ` +
    `and its least value rose in at least 4 of 5 steps from sixth to sixth of the window and never fell by a tenth of what was added; a warning where it would be used up within ${formatDuration(soonS)}, else a notice.`,
  source:
    "node-mixin (Prometheus) foretells full file systems by their trend (NodeFilesystemSpaceFillingUp); Coroot: MemoryLeakPercent, growth by 10 % an hour, which finds fast leaks only; the robust trend and all figures are our own.",
  contradicts: ["memory-oversized"],
  judge,
};

function judge(dataset: Dataset, context: RuleContext): Verdict {
  const part = { name: "mem_used", missing: "mem_available or mem_total has no values." };
  return judgeGrowth(dataset, context, part, (growth) => conclude(dataset, growth));
}

function conclude(dataset: Dataset, growth: PartGrowth): Verdict {
  const { grownPercent } = growth;
  const rate = `${formatValue(growth.slope * dayS, "bytes")} a day`;
  if (!(growth.low > 0) || grownPercent < leastGrown || !growth.steady) {
    return {
      outcome: "clear",
      sentence: `Used memory ${growth.slope > 0 ? `grew by ${rate} by its trend${growth.steady ? "" : ", not steadily"}` : "did not grow"} (limit ${leastGrown} % of all memory over the window, steadily).`,
      confidence: "high",
    };
  }
  const left = dataset.measure("mem_available");
  const leftBytes = left === null ? NaN : lastMean(dataset.minutes(left).means);
  const untilS = leftBytes / growth.slope;
  return {
    outcome: "finding",
    finding: {
      severity: untilS <= soonS ? "warning" : "notice",
      confidence: confidenceOf(growth),
      title: "Memory use grows steadily",
      sentence: `The memory in use grew by about ${rate} throughout the ${formatDuration(growth.lengthS)}${untilS <= soonS ? `; if that goes on, none is left in ${roundly(untilS)}` : ""}. A program may be keeping what it no longer needs.`,
      evidence: [
        {
          sentence: `Trend of used memory ${rate}${formatBounds(formatValue(growth.low * dayS, "bytes"), formatValue(growth.high * dayS, "bytes"))}; ${formatValue(growth.grownBytes, "bytes")} (${formatValue(grownPercent, "percent")} of all) over the window, ${formatValue(leftBytes, "bytes")} available at its end.`,
          threshold: `${leastGrown} % of all memory over the window`,
          ranges: [],
          chartId: chartIds.memoryAvailable,
        },
      ],
      advice: [
        "Find the program that grows: compare ps -eo pid,rss,comm --sort=-rss now and in some hours, or the memory of each container.",
        `See whether it levels off: caches do, leaks do not.${growth.lengthS < 2 * dayS ? " Two days of data or more would tell a leak from the daily course." : ""}`,
        "Until it is mended, restart it at a quiet time, and limit it (MemoryMax=) so that it ends alone.",
      ],
    },
  };
}

/** Of the last minutes that were measured: the mean of up to ten. */
function lastMean(means: Float64Array): number {
  const last = [...means.filter((mean) => !Number.isNaN(mean)).subarray(-10)];
  return last.reduce((sum, mean) => sum + mean, 0) / last.length;
}

/** A trend over less than a day may be its morning, over less than three the week's. */
function confidenceOf({ lengthS }: Growth): Confidence {
  if (lengthS < dayS) return "low";
  return lengthS < 3 * dayS ? "medium" : "high";
}
