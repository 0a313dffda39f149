import { formatDuration, formatFixed, formatValue } from "../../format.ts";
import type { Dataset, Measure } from "../../statistics/dataset.ts";
import { meanDuring, type Episode } from "../../statistics/episodes.ts";
import { defineCritical, severityOf, tooShort, warningS } from "../duration.ts";
import { chartIds, type Evidence, type Rule, type Verdict } from "../finding.ts";
import { killEvidence, killsWithin, machineKills } from "../kills.ts";
import { limits } from "../limits.ts";
import { minutesOf } from "../minutes-of.ts";
import { findStates, stateEvidence } from "../threshold-rule.ts";

/** Percent of all memory. */
const available = {
  direction: "below",
  enter: limits.memoryAvailablePercent,
  leave: 15,
  unit: "percent",
  minimumS: warningS,
} as const;

/** What shows that little available memory was too little: means over the periods from which it counts. */
const signs: [name: string, label: string, least: number, chartId: string][] = [
  ["vm_swapin_pages", "Pages swapped in", 64, chartIds.swapping],
  ["vm_major_faults", "Major page faults", limits.majorFaultsPerS, chartIds.majorFaults],
  ["psi_memory_some", "Share of time with a task waiting for memory", 2, chartIds.pressure],
];

export const memoryExhaustion: Rule = {
  id: "memory-exhaustion",
  title: "Memory exhaustion",
  definition:
    `Available memory below ${available.enter} % of all (until above ${available.leave} %), as means of a minute, for ${formatDuration(warningS)}. ` +
    `Swapping, major faults or waiting for memory at the time make it surer, and ${defineCritical()}; it is critical, too, where the kernel killed a process for want of memory at the time. ` +
    "Without any of these it is a warning: some programs fill a machine on purpose.",
  source:
    "Netdata: ram_available, below 10 % until above 15 %. node-mixin (Prometheus): NodeMemoryHighUtilization, 90 % used for 15 min; both warn only. The 5 min, and what makes it critical, are our own.",
  essential: true,
  explains: ["oom-kills", "swapping-thrash", "major-faults", "psi-memory"],
  contradicts: ["memory-oversized"],
  minimumS: available.minimumS,
  judge,
};

function judge(dataset: Dataset): Verdict {
  const share = dataset.measure("mem_available_percent");
  if (share === null) {
    return {
      outcome: "refused",
      reason:
        "mem_available has no values; free memory alone says nothing, for the kernel fills it with cache.",
    };
  }
  const minutes = dataset.minutes(share);
  const refusal = tooShort(minutes);
  if (refusal !== null) return { outcome: "refused", reason: refusal };
  const [state] = findStates(
    [{ label: "Available memory", minutes, chartId: chartIds.memoryAvailable, device: null }],
    available,
  );
  if (state === undefined) return clear(dataset, share);
  const { episodes, when, often } = state;
  const kills = killsWithin(machineKills(dataset), episodes);
  const shown = signs.flatMap((sign) => signEvidence(dataset, episodes, sign));
  return {
    outcome: "finding",
    finding: {
      severity:
        kills.length > 0
          ? "critical"
          : shown.length > 0
            ? severityOf(episodes, minutes.window)
            : "warning",
      // Little memory may yet be enough; where the machine also swaps, waits or kills, it was not.
      confidence: kills.length > 0 || shown.length > 0 ? "high" : "medium",
      title: kills.length > 0 ? "Memory ran out" : `Memory ran short${often}`,
      sentence:
        kills.length > 0
          ? `The machine needed more memory than it has ${when}, and programs were ended to go on.`
          : `Less than a tenth of the memory was left ${when}; ${shown.length > 0 ? "programs were already slowed down by it" : "a little more demand would have slowed programs down or ended them"}.`,
      evidence: [
        stateEvidence(state, available),
        ...(kills.length === 0 ? [] : [killEvidence(kills)]),
        ...shown,
      ],
      advice: [
        "Find what grew: ps --sort=-rss, smem, or the memory of each cgroup, before and during the periods named above.",
        "Limit caches and pools that are sized for a larger machine (database buffers, JVM heap, worker counts).",
        "If the working set is legitimate, add memory; a little swap gives the kernel time, it does not replace memory.",
      ],
    },
  };
}

function signEvidence(
  dataset: Dataset,
  episodes: Episode[],
  [name, label, least, chartId]: (typeof signs)[number],
): Evidence[] {
  const measure = dataset.measure(name);
  const mean = meanDuring(minutesOf(dataset, name), episodes);
  if (measure === null || !(mean >= least)) return [];
  const limit = measure.unit === "percent" ? `${least} %` : `${formatFixed(least, 0)} a second`;
  return [
    {
      sentence: `${label}: ${formatValue(mean, measure.unit)} on average at these times.`,
      threshold: limit,
      ranges: episodes,
      chartId,
    },
  ];
}

function clear(dataset: Dataset, share: Measure): Verdict {
  const { min, p50 } = dataset.summary(share);
  return {
    outcome: "clear",
    sentence: `Available memory never below ${formatValue(min, "percent")} of all, ${formatValue(p50, "percent")} in the median (limit ${available.enter} % for ${formatDuration(warningS)}).`,
    confidence: "high",
  };
}
