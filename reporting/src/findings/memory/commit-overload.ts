import { formatValue } from "../../format.ts";
import { combineMinutes } from "../../statistics/episodes.ts";
import { minutesOf, sumMinutes } from "../minutes-of.ts";
import { criticalS } from "../duration.ts";
import { thresholdRule } from "../threshold-rule.ts";

export const commitOverload = thresholdRule({
  id: "commit-overload",
  title: "Memory promised",
  quantity: "Memory promised to programs, in percent of memory and swap,",
  limit: { direction: "above", enter: 150, leave: 120, unit: "percent", minimumS: criticalS },
  criticalS: null,
  severity: "notice",
  confidence: "low",
  source:
    "The kernel's mm/overcommit-accounting.rst (vm/ before 6.0); sar's %commit, of which its manual says that more than 100 is possible. Both limits and the 15 min are our own.",
  missing: "mem_committed or mem_total has no values.",
  signals(dataset) {
    const promised = minutesOf(dataset, "mem_committed");
    const room = sumMinutes(dataset, ["mem_total", "swap_total"]);
    if (promised === null || room === null) return [];
    const minutes = combineMinutes(promised, room, (bytes, all) =>
      all > 0 ? (100 * bytes) / all : NaN,
    );
    return [{ label: "Promised memory", minutes, chartId: null, device: null }];
  },
  conclude: ({ worst, when, often }) => ({
    title: `Programs were promised${often} more memory than there is`,
    sentence: `Programs asked for up to ${formatValue(worst, "percent")} of the memory and swap that exist ${when}; that works as long as they do not use it all at once.`,
    advice: [
      "See whether it is real: many runtimes (Java, Go, databases) reserve far more than they ever use; available memory tells what is left.",
      "If the machine must never kill a program, set vm.overcommit_memory=2, so that the request is refused instead, and test what the programs do then.",
      "Otherwise watch available memory, and limit what can grow (heap sizes, MemoryMax=).",
    ],
  }),
});
