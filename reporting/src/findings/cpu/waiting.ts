// Whether anybody waited for CPUs that were busy: that, and not how busy they were, is what programs feel.
import { formatCount, formatFixed, formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { meanDuring, type Episode } from "../../statistics/episodes.ts";
import { chartIds, type Evidence } from "../finding.ts";
import { minutesOf } from "../minutes-of.ts";
import { runQueueMinutes } from "./run-queue.ts";

/** Percent of time with a task waiting for a CPU up to which hardly anybody waited; and runnable tasks a CPU, where that is not known. */
export const unhurried = { waiting: 20, ready: 1 };

/** Whether tasks had to wait while the CPUs were busy; null where nobody measured it. The kernel's own figure says it best. */
export function waitingDuring(
  dataset: Dataset,
  episodes: Episode[],
  cpuCount: number | null,
): { isShort: boolean; evidence: Evidence } | null {
  const waiting = meanDuring(minutesOf(dataset, "psi_cpu_some"), episodes);
  if (!Number.isNaN(waiting)) {
    return {
      isShort: waiting < unhurried.waiting,
      evidence: {
        sentence: `Share of time with a task waiting for a CPU: ${formatValue(waiting, "percent")} on average at these times.`,
        threshold: `${unhurried.waiting} %`,
        ranges: episodes,
        chartId: chartIds.pressure,
      },
    };
  }
  const ready = meanDuring(runQueueMinutes(dataset), episodes);
  if (Number.isNaN(ready) || cpuCount === null) return null;
  return {
    isShort: ready <= unhurried.ready * cpuCount,
    evidence: {
      sentence: `Runnable tasks beside the collector: ${formatFixed(ready, 1)} on average at these times, on ${formatCount(cpuCount, "CPU")}.`,
      threshold: `${unhurried.ready} a CPU`,
      ranges: episodes,
      chartId: chartIds.runQueue,
    },
  };
}
