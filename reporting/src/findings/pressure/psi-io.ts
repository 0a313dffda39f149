import { warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { signalOf, thresholdRule } from "../threshold-rule.ts";

const waiting = "Share of time with all tasks waiting for disks";

export const psiIo = thresholdRule({
  id: "psi-io",
  title: "Waiting for disks",
  quantity: "The share of time in which all tasks waited for disks at once",
  limit: { direction: "above", enter: 40, leave: 20, unit: "percent", minimumS: warningS },
  criticalS: null,
  confidence: "medium",
  source:
    "The kernel's accounting/psi.rst on what is measured. No public limit is known to us; 40 % until 20 % is taken from Netdata's limits on I/O wait, the 5 min is our own.",
  missing:
    "psi_io_full has no values: the kernel is older than 4.20, or has pressure switched off, or nobody recorded it.",
  signals: (dataset) =>
    signalOf(dataset, "psi_io_full", { label: waiting, chartId: chartIds.pressure }),
  conclude: ({ when, often }) => ({
    title: `Work stood still waiting for disks${often}`,
    sentence: `Much of the time, everything that had work to do was waiting for a disk ${when}; where that was a backup or a copy by night, nobody was kept waiting.`,
    advice: [
      "See who waited: the io.pressure of each cgroup, or iotop -ao in these periods.",
      "If it was a job without anyone waiting for it, all is well; give it a lower weight (ionice -c3, io.weight) so that it stays so.",
      "If users waited, look at the disks' queue and await in this report, and at what could be read from memory instead.",
    ],
  }),
});
