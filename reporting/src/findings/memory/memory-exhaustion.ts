import { formatDuration, formatFixed, formatValue } from "../../format.ts";
import type { Dataset, Measure } from "../../statistics/dataset.ts";
import { findEpisodes, type Condition, type Episode } from "../../statistics/episodes.ts";
import { criticalS, describeEpisodes, severityOf, tooShort, warningS } from "../duration.ts";
import { chartIds, type Evidence, type Rule, type Verdict } from "../finding.ts";

/** Percent of all memory. */
const available = { direction: "below", enter: 10, leave: 15, minimumS: warningS } as const;
/** Pages brought back from swap a second: 64 pages are 256 KiB. */
const swapIn = { direction: "above", enter: 64, leave: 16, minimumS: warningS } as const;
const majorFaults = { direction: "above", enter: 500, leave: 250, minimumS: warningS } as const;

export const memoryExhaustion: Rule = {
  id: "memory-exhaustion",
  title: "Memory exhaustion",
  definition:
    `Available memory below ${available.enter} % of all (until above ${available.leave} %), or more than ${swapIn.enter} pages/s swapped in ` +
    `(until below ${swapIn.leave}), or more than ${majorFaults.enter} major faults/s (until below ${majorFaults.leave}), as means of a minute, ` +
    `for ${formatDuration(warningS)}; critical from ${formatDuration(criticalS)}, or when the kernel killed a process for want of memory.`,
  source:
    "node-mixin (Prometheus): NodeMemoryHighUtilization, 90 % used for 15 min; NodeMemoryMajorPagesFaults, 500/s for 15 min. The swap rate, the 5 min of a warning and the leaving thresholds are our own.",
  essential: true,
  judge,
};

interface Sign {
  episodes: Episode[];
  evidence: Evidence;
}

function judge(dataset: Dataset): Verdict {
  const share = dataset.measure("mem_available_percent");
  if (share === null) {
    return {
      outcome: "refused",
      reason:
        "mem_available has no values; free memory alone says nothing, for the kernel fills it with cache.",
    };
  }
  const refusal = tooShort(dataset.minutes(share));
  if (refusal !== null) return { outcome: "refused", reason: refusal };
  const scarce = scarcity(dataset, share);
  const swapping = sign(dataset, "vm_swapin_pages", swapIn, chartIds.swapping);
  const faulting = sign(dataset, "vm_major_faults", majorFaults, chartIds.majorFaults);
  const killed = killedEvidence(dataset);
  const signs = [scarce, swapping, faulting].filter((found) => found !== null);
  if (signs.length === 0 && killed === null) return clear(dataset, share);
  const episodes = signs.flatMap((found) => found.episodes);
  return {
    outcome: "finding",
    finding: {
      severity: killed === null ? severityOf(episodes) : "critical",
      // Major faults alone may be programs starting; two signs, or a killed process, leave no doubt.
      confidence: killed !== null || signs.length > 1 ? "high" : scarce === null ? "low" : "medium",
      title: killed === null ? "Memory runs short" : "Memory ran out",
      sentence: conclude(scarce, episodes, killed !== null),
      evidence: [...(killed === null ? [] : [killed]), ...signs.map(({ evidence }) => evidence)],
      advice: [
        "Find what grew: ps --sort=-rss, smem, or the memory of each cgroup, before and during the periods named above.",
        "Limit caches and pools that are sized for a larger machine (database buffers, JVM heap, worker counts).",
        "If the working set is legitimate, add memory; a little swap gives the kernel time, it does not replace memory.",
      ],
    },
  };
}

function scarcity(dataset: Dataset, share: Measure): Sign | null {
  const episodes = findEpisodes(dataset.minutes(share), available);
  if (episodes.length === 0) return null;
  const worst = Math.min(...episodes.map((episode) => episode.worst));
  return {
    episodes,
    evidence: {
      sentence: `Available memory below ${available.enter} % ${describeEpisodes(episodes)}; the worst minute ${formatValue(worst, "percent")}.`,
      threshold: `${available.enter} % for ${formatDuration(warningS)}`,
      ranges: episodes,
      chartId: chartIds.memoryAvailable,
    },
  };
}

function sign(dataset: Dataset, name: string, condition: Condition, chartId: string): Sign | null {
  const measure = dataset.measure(name);
  if (measure === null) return null;
  const episodes = findEpisodes(dataset.minutes(measure), condition);
  if (episodes.length === 0) return null;
  const worst = Math.max(...episodes.map((episode) => episode.worst));
  return {
    episodes,
    evidence: {
      sentence: `${measure.label}: more than ${condition.enter} /s ${describeEpisodes(episodes)}; the worst minute ${formatValue(worst, "1/s")}.`,
      threshold: `${condition.enter} /s for ${formatDuration(warningS)}`,
      ranges: episodes,
      chartId,
    },
  };
}

function killedEvidence(dataset: Dataset): Evidence | null {
  const measure = dataset.measure("vm_oom_kills");
  if (measure === null || dataset.summary(measure).max === 0) return null;
  const { intervalS } = dataset.timing;
  const rows = [...measure.values.keys()].filter((row) => (measure.values[row] ?? NaN) > 0);
  const times = rows.map((row) => dataset.timestampsS[row] ?? NaN);
  return {
    sentence: `The kernel killed processes for want of memory in ${rows.length} of ${formatFixed(dataset.summary(measure).count, 0)} samples.`,
    threshold: "none at all",
    // A rate covers the interval that ends with the sample.
    ranges: times.map((endS) => ({ startS: endS - (intervalS ?? 0), endS })),
    chartId: null,
  };
}

function conclude(scarce: Sign | null, episodes: Episode[], killed: boolean): string {
  if (killed) {
    return "The machine needed more memory than it has, and the kernel ended processes to go on.";
  }
  if (scarce !== null) {
    return `Less than a tenth of the memory was left ${describeEpisodes(scarce.episodes)}; a little more demand would have ended in swapping or killed processes.`;
  }
  return `Programs waited for pages of memory to come back from disk ${describeEpisodes(episodes)}.`;
}

function clear(dataset: Dataset, share: Measure): Verdict {
  const { min, p50 } = dataset.summary(share);
  const parts = [
    `Available memory never below ${formatValue(min, "percent")} of all, ${formatValue(p50, "percent")} in the median (limit ${available.enter} % for ${formatDuration(warningS)})`,
  ];
  const swapping = dataset.measure("vm_swapin_pages");
  if (swapping !== null) {
    const { p99 } = dataset.summary(swapping);
    parts.push(
      `swapped in ${formatValue(p99, "1/s")} at the 99th percentile (limit ${swapIn.enter} /s)`,
    );
  }
  const known =
    swapping === null ? ". Swapping could not be judged: vm_swapin_pages is not in the data." : ".";
  return {
    outcome: "clear",
    sentence: parts.join("; ") + known,
    confidence: swapping === null ? "medium" : "high",
  };
}
