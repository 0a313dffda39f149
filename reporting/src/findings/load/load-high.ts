import { formatCount, formatFixed } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { combineMinutes, meanWithin, type Episode } from "../../statistics/episodes.ts";
import { runQueueMinutes } from "../cpu/run-queue.ts";
import { theCpus } from "../cpu/the-cpus.ts";
import { criticalS } from "../duration.ts";
import { chartIds, type Evidence } from "../finding.ts";
import { limits } from "../limits.ts";
import { describeMeasures, thresholdRule, type Signal } from "../threshold-rule.ts";

/** Runnable tasks for each CPU, beside the one that counts them, from which the run queue says the same as the load. */
const leastQueue = 1;

export const loadHigh = thresholdRule({
  id: "load-high",
  title: "Load against the number of CPUs",
  quantity: "Load (1 min) for each CPU",
  limit: {
    direction: "above",
    enter: limits.tasksPerCpu,
    leave: 1.75,
    unit: "count",
    minimumS: criticalS,
  },
  provided: `while more than ${leastQueue} task for each CPU, the collector aside, is running or ready to run: the load also counts tasks that wait for disks`,
  criticalS: null,
  confidence: "medium",
  source:
    "node-mixin (Prometheus): NodeSystemSaturation, load above 2 a core for 15 min. Netdata: load_average_15, 2 a core until 1.75. Asking the run queue is our own.",
  contradicts: ["cpu-oversized"],
  missing: "The load, the number of runnable tasks or that of CPUs is not in the data.",
  signals(dataset, { cpuCount }) {
    const [load, queue] = [dataset.measure("load1"), runQueueMinutes(dataset)];
    if (load === null || queue === null || cpuCount === null) return [];
    const minutes = combineMinutes(dataset.minutes(load), queue, (tasks, ready) =>
      ready > leastQueue * cpuCount ? tasks / cpuCount : 0,
    );
    const label = "Load for each CPU";
    return [{ label, minutes, chartId: chartIds.load, device: null } satisfies Signal];
  },
  inOrder: (dataset) => describeMeasures(dataset, ["load1", "procs_running"]),
  conclude: ({ when, often, longest, worst }, _, dataset, { cpuCount }) => ({
    title: `More work was started than ${theCpus(cpuCount)} could do${often}`,
    sentence: `Up to ${formatFixed(worst, 1)} tasks for each CPU wanted to run at the same time ${when}; they took turns, and each took longer.`,
    evidence: queueEvidence(dataset, longest, cpuCount),
    advice: [
      "Find which programs run at these times, and how many at once: ps -eo stat,comm | grep ^R, or pidstat -u 5.",
      "Limit how many run side by side (workers, build jobs, cron jobs of the same minute) to about the number of CPUs.",
      "If all of it must run at once, add CPUs.",
    ],
  }),
});

function queueEvidence(dataset: Dataset, longest: Episode, cpuCount: number | null): Evidence[] {
  const queue = runQueueMinutes(dataset);
  if (queue === null || cpuCount === null) return [];
  const mean = meanWithin(queue, longest);
  return [
    {
      sentence: `Runnable tasks beside the collector: ${formatFixed(mean, 1)} on average in the longest period, on ${formatCount(cpuCount, "CPU")}.`,
      threshold: `${leastQueue} for each CPU`,
      ranges: [longest],
      chartId: chartIds.runQueue,
    },
  ];
}
