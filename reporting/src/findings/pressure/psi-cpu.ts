import { warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { signalOf, thresholdRule } from "../threshold-rule.ts";

const waiting = "Share of time with a task waiting for a CPU";

export const psiCpu = thresholdRule({
  id: "psi-cpu",
  title: "Waiting for a CPU",
  quantity: "The share of time in which some task waited for a CPU",
  limit: { direction: "above", enter: 60, leave: 40, unit: "percent", minimumS: warningS },
  criticalS: null,
  confidence: "medium",
  source:
    "The kernel's accounting/psi.rst on what is measured. No public limit is known to us; 60 % for 5 min is our own.",
  missing:
    "psi_cpu_some has no values: the kernel is older than 4.20, or has pressure switched off, or nobody recorded it.",
  signals: (dataset) =>
    signalOf(dataset, "psi_cpu_some", { label: waiting, chartId: chartIds.pressure }),
  conclude: ({ when, often }, _, __, { cpuCount }) => ({
    title: `Tasks waited for ${cpuCount === 1 ? "the" : "a"} CPU${often}`,
    sentence: `Most of the time, programs that were ready to work had to wait for a CPU ${when}.`,
    advice: [
      "Compare with CPU busy: where there was time left, a limit holds programs back (cgroups' cpu.max, a container's CPU limit), or programs are bound to few CPUs (taskset, cpusets).",
      "See which group of programs waits: the cpu.pressure of each cgroup.",
      "Raise the limit, or spread the work over more CPUs.",
    ],
  }),
});
