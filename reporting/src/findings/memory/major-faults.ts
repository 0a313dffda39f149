import { warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { limits } from "../limits.ts";
import { signalOf, thresholdRule } from "../threshold-rule.ts";

export const majorFaults = thresholdRule({
  id: "major-faults",
  title: "Major page faults",
  quantity: "Major page faults",
  limit: {
    direction: "above",
    enter: limits.majorFaultsPerS,
    leave: 250,
    unit: "1/s",
    minimumS: warningS,
  },
  criticalS: null,
  confidence: "low",
  source:
    "node-mixin (Prometheus): NodeMemoryMajorPagesFaults, 500/s for 15 min. The 5 min and the leaving threshold are our own.",
  missing: "vm_major_faults has no values.",
  signals: (dataset) => signalOf(dataset, "vm_major_faults", { chartId: chartIds.majorFaults }),
  conclude: ({ when, often }) => ({
    title: `Programs waited for pages from disk${often}`,
    sentence: `Programs stopped hundreds of times a second to read parts of themselves or of their files from disk ${when}; that is so while large programs start, and otherwise a sign that memory is short.`,
    advice: [
      "See who faults: pidstat -r 5 (majflt/s) in these periods.",
      "If it is a program that has just been started, or one that maps large files by intent, all is well.",
      "Otherwise look at what took the page cache's place: memory that programs took, or a container's own limit.",
    ],
  }),
});
