import { combineMinutes } from "../../statistics/episodes.ts";
import { chartIds } from "../finding.ts";
import { thresholdRule } from "../threshold-rule.ts";
import { kernelMinutes, userMinutes } from "./cpu-time.ts";

/** Percent of all CPU time: of an idle machine's little work the kernel may well have the larger share. */
const leastBusy = 50;

export const cpuSystemShare = thresholdRule({
  id: "cpu-system-share",
  title: "Kernel's share of the CPU time",
  quantity: "The kernel's share of the time worked",
  limit: { direction: "above", enter: 60, leave: 50, unit: "percent", minimumS: 600 },
  provided: `while programs and kernel together take more than ${leastBusy} % of the CPU time`,
  criticalS: null,
  confidence: "medium",
  source:
    "PCP pmieconf: cpu.system, 75 % of the time worked on CPUs above 70 % busy. Ours is lower on both, and lasts 10 min instead of one sample.",
  missing: "cpu_user and cpu_system have no values.",
  signals(dataset) {
    const [kernel, user] = [kernelMinutes(dataset), userMinutes(dataset)];
    if (kernel === null || user === null) return [];
    const minutes = combineMinutes(kernel, user, (system, programs) =>
      system + programs > leastBusy ? (100 * system) / (system + programs) : 0,
    );
    const label = "The kernel's share of the time worked";
    const raw = {
      minutes: combineMinutes(kernel, user, (system, programs) =>
        system + programs > 0 ? (100 * system) / (system + programs) : 0,
      ),
      unit: "percent",
    } as const;
    return [{ label, minutes, raw, chartId: chartIds.cpuModes, device: null }];
  },
  conclude: ({ when, often }) => ({
    title: `The machine worked for itself more than for its programs${often}`,
    sentence: `Most of the CPU time went to the operating system instead of the programs ${when}: time spent on administration, not on the work itself.`,
    advice: [
      "See where the kernel spends it: perf top, or perf record -a -g -- sleep 30 followed by perf report.",
      "Look for programs that make very many small calls: strace -c -f -p PID for a few seconds, or syscount from bcc.",
      "If memory is nearly used up or interrupts are many in these periods, begin there: both are paid in kernel time.",
    ],
  }),
});
