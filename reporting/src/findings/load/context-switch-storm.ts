import { formatFixed, formatValue } from "../../format.ts";
import { meanDuring } from "../../statistics/episodes.ts";
import { kernelMinutes } from "../cpu/cpu-time.ts";
import { theCpus } from "../cpu/the-cpus.ts";
import { warningS } from "../duration.ts";
import { minutesOf } from "../minutes-of.ts";
import { describeMeasures, thresholdRule } from "../threshold-rule.ts";
import { toMultiples } from "./relative.ts";

/** Switches a second for each CPU below which there is no storm. */
const floorPerCpu = 10_000;
/** Percent of the CPU time in the kernel from which the switches are likely to cost something. */
const costly = 25;

export const contextSwitchStorm = thresholdRule({
  id: "context-switch-storm",
  title: "Context switches",
  quantity: "Context switches, as a multiple of the machine's median,",
  limit: { direction: "above", enter: 3, leave: 2, unit: "times", minimumS: warningS },
  provided: `where they are at least ${formatFixed(floorPerCpu, 0)} a second for each CPU`,
  criticalS: null,
  severity: "notice",
  confidence: "low",
  source:
    "PCP pmieconf: cpu.context_switch, 4,000 a second for each CPU, a figure from slower CPUs. The higher floor, the comparison with the machine's own median and the 5 min are our own.",
  missing: "Context switches or the number of CPUs are not in the data.",
  signals(dataset, { cpuCount }) {
    const measure = dataset.measure("context_switches");
    if (measure === null || cpuCount === null) return [];
    const floor = floorPerCpu * cpuCount;
    const minutes = toMultiples(dataset.minutes(measure), { floor, least: 1 });
    return [{ label: "Context switches", minutes, chartId: null, device: null }];
  },
  inOrder: (dataset) => describeMeasures(dataset, ["context_switches"]),
  conclude({ when, often, episodes }, _, dataset, { cpuCount }) {
    const kernel = kernelMinutes(dataset);
    const rate = meanDuring(minutesOf(dataset, "context_switches"), episodes);
    const spent = meanDuring(kernel, episodes);
    const costs = spent >= costly;
    return {
      title: `Programs handed ${theCpus(cpuCount)} to one another unusually often${often}`,
      sentence: `The machine changed from one task to another several times as often as usual ${when}${costs ? `, while the kernel took ${formatValue(spent, "percent")} of the CPU time` : ""}.`,
      severity: costs ? "warning" : "notice",
      confidence: costs ? "medium" : "low",
      evidence: [
        {
          sentence: `${formatValue(rate, "1/s")} switches on average, with ${formatValue(spent, "percent")} of the CPU time in the kernel.`,
          threshold: `${costly} % in the kernel`,
          ranges: episodes,
          chartId: null,
        },
      ],
      advice: [
        "See who switches, and whether by choice: pidstat -w -t 5 (cswch/s: waits for locks or data; nvcswch/s: was displaced by others).",
        "Waiting on locks: look for many threads that share few of them (perf lock, off-CPU profiles).",
        "Displaced: fewer threads than now, about one for each CPU, do the same work with fewer changes.",
      ],
    };
  },
});
