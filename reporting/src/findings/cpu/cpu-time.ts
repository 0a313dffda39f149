// CPU time minute by minute, as several rules look at it.
import type { Dataset } from "../../statistics/dataset.ts";
import type { Minutes } from "../../statistics/episodes.ts";
import { sumMinutes } from "../minutes-of.ts";

export function userMinutes(dataset: Dataset): Minutes | null {
  return sumMinutes(dataset, ["cpu_user", "cpu_nice"]);
}

/** In the kernel, interrupts included. */
export function kernelMinutes(dataset: Dataset): Minutes | null {
  return sumMinutes(dataset, ["cpu_system", "cpu_irq", "cpu_softirq"]);
}

/** Numbers of the CPUs that the data has by themselves, ascending. */
export function cpuNumbers({ columns }: Dataset): string[] {
  return columns
    .flatMap(({ name, device }) =>
      device !== null && name === `cpu${device}_idle` ? [device] : [],
    )
    .toSorted((a, b) => Number(a) - Number(b));
}

/** 100 − idle − I/O wait of one CPU; null where it was not measured. */
export function cpuBusyMinutes(dataset: Dataset, cpu: string): Minutes | null {
  const resting = sumMinutes(dataset, [`cpu${cpu}_idle`, `cpu${cpu}_iowait`]);
  if (resting === null || dataset.measure(`cpu${cpu}_idle`) === null) return null;
  return { ...resting, means: resting.means.map((mean) => Math.max(0, 100 - mean)) };
}
