import { formatValue } from "../../format.ts";
import { warningS } from "../duration.ts";
import { signalOf, thresholdRule } from "../threshold-rule.ts";

export const collectorCost = thresholdRule({
  id: "collector-cost",
  title: "Cost of measuring",
  quantity: "CPU time of the collector, of one CPU,",
  limit: { direction: "above", enter: 5, leave: 3, unit: "percent", minimumS: warningS },
  criticalS: null,
  severity: "notice",
  confidence: "high",
  source: "The collector's own promise: below 5 % of one CPU.",
  missing: "collector_cpu has no values.",
  signals: (dataset) => signalOf(dataset, "collector_cpu", { label: "The collector's CPU time" }),
  conclude: ({ when, often, worst }) => ({
    title: `Measuring cost more than it should${often}`,
    sentence: `Taking these figures took up to ${formatValue(worst, "percent")} of one CPU ${when}; on a small machine that is part of the load shown here.`,
    advice: [
      "Take samples less often, or leave out sources that nobody reads (per-process figures cost the most).",
      "See what makes it slow: very many processes, mounts, containers or network interfaces.",
    ],
  }),
});
