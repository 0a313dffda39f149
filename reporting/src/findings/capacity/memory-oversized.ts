import { minimum, optionAt, sizeMemory } from "../../capacity/sizing.ts";
import { formatGibibytes } from "../../capacity/sizes.ts";
import { formatDuration, formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { chartIds, type Rule, type RuleContext, type Verdict } from "../finding.ts";

/** Share of the memory that must be enough, at the 99th percentile and with the largest headroom. */
const enoughRatio = 0.5;
const leastGibibytes = 4;
/** Of a cache that reads still pass by, more memory would be of use: bytes a second from all disks, at the 95th percentile. */
const readsPerS = 10 * 2 ** 20;

export const memoryOversized: Rule = {
  id: "memory-oversized",
  title: "Memory size",
  definition:
    `What programs used, at its 99th percentile and with 30 % headroom, fits into half of the memory or less, on a machine of ${leastGibibytes} GiB or more ` +
    `that reads less than ${formatValue(readsPerS, "bytes/s")} from disks at the 95th percentile (or the cache may need the rest); ` +
    `from ${formatDuration(minimum.lengthS)} of data on, of grade ${minimum.grade} or better.`,
  source:
    "The headrooms are those of AWS Compute Optimizer (10, 20 or 30 %); the half, the rate of reading and the days of data are our own.",
  judge,
};

function judge(dataset: Dataset, { grade }: RuleContext): Verdict {
  const sizing = sizeMemory(dataset, grade);
  if (sizing.outcome === "refused") return sizing;
  const option = optionAt(sizing, "p99", 0.3);
  const used = dataset.measure("mem_used");
  if (option === undefined || used === null) {
    return { outcome: "refused", reason: "mem_available has no values." };
  }
  const { p95, p99 } = dataset.summary(used);
  const figures = `Programs used ${formatValue(p95, "bytes")} at the 95th and ${formatValue(p99, "bytes")} at the 99th percentile of ${formatGibibytes(sizing.current)}`;
  const pagedIn = dataset.measure("vm_pgin_bytes");
  const reads = pagedIn === null ? NaN : dataset.summary(pagedIn).p95;
  const fits = option.size <= enoughRatio * sizing.current;
  if (sizing.current < leastGibibytes || !fits || option.atLeast || reads >= readsPerS) {
    const cache =
      fits && reads >= readsPerS
        ? ` The rest serves as cache for ${formatValue(reads, "bytes/s")} still read from disks.`
        : "";
    return {
      outcome: "clear",
      sentence: `${figures}: with 30 % headroom ${formatGibibytes(option.size)} are needed${option.atLeast ? " or more" : ""}.${cache}`,
      confidence: "high",
    };
  }
  return {
    outcome: "finding",
    finding: {
      severity: "notice",
      // Without the rate of reading, the worth of the cache is not known.
      confidence: Number.isNaN(reads) ? "low" : "medium",
      title: "The machine has more memory than its programs use",
      sentence: `${formatGibibytes(option.size)} of ${formatGibibytes(sizing.current)} would have held the programs of ${formatDuration(dataset.timing.lengthS)} with 30 % to spare.`,
      evidence: [
        {
          sentence: `${figures}; with 30 % headroom ${formatValue(option.needed, "bytes")}.${Number.isNaN(reads) ? "" : ` Read from disks: ${formatValue(reads, "bytes/s")} at the 95th percentile.`}`,
          threshold: `half of ${formatGibibytes(sizing.current)}`,
          ranges: [],
          chartId: chartIds.memoryAvailable,
        },
      ],
      advice: [
        "Ask what the free memory is for: a failover, a cache that is still growing, huge pages that are set aside.",
        "If nothing needs it, take the smaller size, or give the database or the JVM what is left over.",
        ...sizing.cautions,
      ],
    },
  };
}
