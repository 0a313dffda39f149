import { formatBounds, formatDuration, formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import type { Rule, RuleContext, Verdict } from "../finding.ts";
import { judgeGrowth, leastGrowthS, type PartGrowth } from "./growth.ts";

/** Percent of all memory: what the kernel's own structures must hold, and what they must have added. */
const leastShare = 10;
const leastGrown = 2;
const dayS = 86_400;

export const slabGrowth: Rule = {
  id: "slab-growth",
  title: "The kernel's own memory",
  definition:
    `Over ${formatDuration(leastGrowthS)} or more, slab holds at least ${leastShare} % of all memory and has a trend (Theil–Sen) that is upward with 95 % confidence, ` +
    `adds at least ${leastGrown} % of all memory, and grows as steadily as memory-leak-suspect asks; a notice.`,
  source:
    "The kernel's filesystems/proc.rst on Slab, SReclaimable and SUnreclaim; all figures are our own.",
  judge,
};

function judge(dataset: Dataset, context: RuleContext): Verdict {
  const part = { name: "mem_slab", missing: "mem_slab or mem_total has no values." };
  return judgeGrowth(dataset, context, part, (growth) => conclude(dataset, growth));
}

function conclude(
  dataset: Dataset,
  { measure: slab, totalBytes, grownPercent, ...growth }: PartGrowth,
): Verdict {
  const { max } = dataset.summary(slab);
  const share = (100 * max) / totalBytes;
  const figures = `Slab at most ${formatValue(max, "bytes")} (${formatValue(share, "percent")} of all memory), trend ${formatValue(growth.slope * dayS, "bytes")} a day`;
  if (!(growth.low > 0) || grownPercent < leastGrown || share < leastShare || !growth.steady) {
    return {
      outcome: "clear",
      sentence: `${figures} (limits ${leastShare} % and ${leastGrown} % more over the window).`,
      confidence: "high",
    };
  }
  return {
    outcome: "finding",
    finding: {
      severity: "notice",
      confidence: growth.lengthS < dayS ? "low" : "medium",
      title: "The operating system's own memory grows",
      sentence: `The operating system itself holds ${formatValue(share, "percent")} of the memory and took more throughout the ${formatDuration(growth.lengthS)}; mostly that is a cache it gives back on demand, at times a fault.`,
      evidence: [
        {
          sentence: `${figures}${formatBounds(formatValue(growth.low * dayS, "bytes"), formatValue(growth.high * dayS, "bytes"))}.`,
          threshold: `${leastShare} % of all memory and ${leastGrown} % more over the window`,
          ranges: [],
          chartId: null,
        },
      ],
      advice: [
        "See what it is: slabtop -s c, and SReclaimable against SUnreclaim in /proc/meminfo. dentry and inode caches come from programs that touch very many files, and are harmless.",
        "If SUnreclaim grows, compare slabtop over some hours and look for a fault of that part of the kernel; an update often mends it.",
      ],
    },
  };
}
