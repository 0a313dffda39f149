// Machines of different size: what a larger one has more of by its size alone is compared by CPU, or as a share of the memory.
import type { Unit } from "@perfanalysis/contract/metrics";
import type { Dataset, Measure } from "../statistics/dataset.ts";
import { comparisonTexts } from "../texts/english-comparison.ts";
import type { Subject } from "./differences.ts";

/** How a quantity is counted instead. */
export interface Scale {
  /** Name and label of what comes of it, from those of the quantity. */
  name: (name: string) => string;
  label: (label: string) => string;
  unit: Unit;
  /** By capture; null where its machine's size is not known. */
  factors: (number | null)[];
}

const words = comparisonTexts.differences;
const byCpu = new Set(["load1", "procs_running", "procs_blocked"]);
const byMemory = new Set(["mem_used", "mem_cached"]);
/** The rest of the used share: it would say the same twice. */
const restOfMemory = "mem_available_percent";
/** Kernels of the same machine leave more or less of its memory to others; below this share it is the same. */
const leastShare = 0.05;

/** For the name of a quantity: null where it is compared as it is, undefined where it is left out. */
export function scalesOf(subjects: readonly Subject[]): (name: string) => Scale | null | undefined {
  const cpuCounts = subjects.map(({ cpuCount }) => cpuCount);
  const memories = subjects.map(({ dataset }) => totalOf(dataset, "mem_total"));
  const perCpu: Scale = {
    name: (name) => `${name}_per_cpu`,
    label: words.perCpu,
    unit: "count",
    factors: cpuCounts.map((count) => (count === null ? null : 1 / count)),
  };
  const share: Scale = {
    name: (name) => `${name}_percent`,
    label: words.ofMemory,
    unit: "percent",
    factors: memories.map((bytes) => (bytes === null ? null : 100 / bytes)),
  };
  const cpusDiffer = differ(cpuCounts, 0);
  const memoriesDiffer = differ(memories, leastShare);
  return (name) => {
    if (cpusDiffer && byCpu.has(name)) return perCpu;
    if (memoriesDiffer && byMemory.has(name)) return share;
    return memoriesDiffer && name === restOfMemory ? undefined : null;
  };
}

/** Null where the machine's size is not known. */
export function scaled(
  measure: Measure,
  { unit, label, factors }: Scale,
  at: number,
): Measure | null {
  const factor = factors[at] ?? null;
  if (factor === null) return null;
  return {
    ...measure,
    label: label(measure.label),
    unit,
    get values() {
      return measure.values.map((value) => factor * value);
    },
  };
}

/** Whether the machine is known to have none. */
export function lacksSwap({ dataset }: Subject): boolean {
  return totalOf(dataset, "swap_total") === 0;
}

function totalOf(dataset: Dataset, name: string): number | null {
  const total = dataset.measure(name);
  return total === null ? null : dataset.summary(total).max;
}

function differ(sizes: readonly (number | null)[], share: number): boolean {
  const known = sizes.filter((size) => size !== null);
  return Math.max(...known) - Math.min(...known) > share * Math.max(...known);
}
