import { combineMinutes } from "../../statistics/episodes.ts";
import { minutesOf } from "../minutes-of.ts";
import { warningS } from "../duration.ts";
import { thresholdRule } from "../threshold-rule.ts";

export const dirtyPages = thresholdRule({
  id: "dirty-pages",
  title: "Data waiting to be written",
  quantity: "Dirty pages, in percent of available memory,",
  limit: { direction: "above", enter: 15, leave: 10, unit: "percent", minimumS: warningS },
  criticalS: null,
  confidence: "medium",
  source:
    "The kernel's admin-guide/sysctl/vm.rst: writing begins at 10 % (dirty_background_ratio), programs must write themselves at 20 % (dirty_ratio); balance_dirty_pages() slows them from halfway between, 15 %. The 5 min are our own.",
  missing: "mem_dirty or mem_available has no values.",
  signals(dataset) {
    const dirty = minutesOf(dataset, "mem_dirty");
    const available = minutesOf(dataset, "mem_available");
    if (dirty === null || available === null) return [];
    const minutes = combineMinutes(dirty, available, (bytes, all) =>
      all > 0 ? (100 * bytes) / all : NaN,
    );
    return [{ label: "Dirty pages of available memory", minutes, chartId: null, device: null }];
  },
  conclude: ({ when, often }) => ({
    title: `Data was written faster than the disks took it${often}`,
    sentence: `So much data was waiting to be written to disk ${when} that the system slowed down the programs that write.`,
    advice: [
      "Find who writes: iotop -ao, or pidstat -d 5, in these periods.",
      "See the disks' throughput, queue and await at the same time: a slow or network disk is the usual reason.",
      "Lower vm.dirty_background_bytes, so that writing begins earlier and comes in smaller pieces; a job that writes much can be limited by io.max.",
    ],
  }),
});
