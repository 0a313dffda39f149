import { criticalS, warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { signalOf, thresholdRule } from "../threshold-rule.ts";

export const cpuSteal = thresholdRule({
  id: "cpu-steal",
  title: "CPU time withheld by the hypervisor",
  quantity: "Steal",
  limit: { direction: "above", enter: 10, leave: 5, unit: "percent", minimumS: warningS },
  criticalS,
  confidence: "high",
  source:
    "Netdata: 20min_steal_cpu, warns at 10 % until 5 %. The 5 min of a warning and the 15 min of a critical one are our own.",
  explains: ["cpu-saturation", "load-high", "psi-cpu"],
  // CPUs that a machine does not get are no reason to give it more.
  contradicts: ["cpu-undersized"],
  missing: "cpu_steal has no values: nobody recorded it.",
  signals: (dataset) => signalOf(dataset, "cpu_steal", { chartId: chartIds.cpuModes }),
  conclude: ({ when, often }) => ({
    title: `The host gave this machine too little CPU${often}`,
    sentence: `The hypervisor kept back CPU time that this machine wanted ${when}: other machines took it, or this one may use no more. Its programs ran slower than by their own load.`,
    advice: [
      "Show these times to the provider or to whoever runs the host: it is overcommitted, or this machine has used up its CPU credits.",
      "Move to an instance type with dedicated CPUs, or to another host; stopping and starting a cloud instance often does the latter.",
      "Do not add CPUs to a machine that does not get those it has.",
    ],
  }),
});
