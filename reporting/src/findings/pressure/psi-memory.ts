import { formatValue } from "../../format.ts";
import { meanWithin } from "../../statistics/episodes.ts";
import { warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { minutesOf } from "../minutes-of.ts";
import { signalOf, thresholdRule } from "../threshold-rule.ts";

/** Percent of time in which nothing moved for want of memory, from which users cannot miss it. */
const standstill = 10;

const waiting = "Share of time with a task waiting for memory";

export const psiMemory = thresholdRule({
  id: "psi-memory",
  title: "Waiting for memory",
  quantity: "The share of time in which some task waited for memory",
  limit: { direction: "above", enter: 2, leave: 1, unit: "percent", minimumS: warningS },
  criticalS: null,
  confidence: "high",
  source:
    "Coroot: MemoryPressure, 0.02 s of memory stall a second, of a container; ours looks at the machine. Critical where everything stood still for 10 % of the time, the leaving threshold and the 5 min are our own.",
  contradicts: ["memory-oversized"],
  missing:
    "psi_memory_some has no values: the kernel is older than 4.20, or has pressure switched off, or nobody recorded it.",
  explains: ["major-faults"],
  signals: (dataset) =>
    signalOf(dataset, "psi_memory_some", { label: waiting, chartId: chartIds.pressure }),
  conclude({ when, often, episodes }, _, dataset) {
    const minutes = minutesOf(dataset, "psi_memory_full");
    const stood = Math.max(
      0,
      ...episodes.map((episode) => meanWithin(minutes, episode)).filter((mean) => mean === mean),
    );
    return {
      title: `Programs stood still for want of memory${often}`,
      sentence: `Programs had to wait until memory was freed for them ${when}; each wait is felt as a delay.`,
      severity: stood >= standstill ? "critical" : "warning",
      evidence:
        minutes === null
          ? []
          : [
              {
                sentence: `All programs at once waited ${formatValue(stood, "percent")} of the time in the worst of these periods.`,
                threshold: `${standstill} %`,
                ranges: episodes,
                chartId: chartIds.pressure,
              },
            ],
      advice: [
        "See which group of programs waits: the memory.pressure of each cgroup; a container may be at its own limit while the machine has room.",
        "Raise that limit (memory.high, memory.max), or make the program's caches smaller.",
        "If it is the machine as a whole, find what uses the memory (ps --sort=-rss, smem) and add some if it is needed.",
      ],
    };
  },
});
