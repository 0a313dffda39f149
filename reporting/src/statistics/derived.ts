import { createColumnCache } from "../data/column-cache.ts";
import type { Measure } from "./dataset.ts";

type Measures = ReadonlyMap<string, Measure>;
type Definition = Omit<Measure, "values"> & {
  /** Null where a column it needs is missing. */
  parts: (measures: Measures) => Parts | null;
  /** Where a part is a gap, so is the whole. Each its own loop: a function called for each sample costs five times as much. */
  combine: (first: Float64Array, second: Float64Array) => Float64Array;
};

/** Without an optional part the whole is defined, too: it counts as 0 where there is no column of it, or one that holds nothing. */
type Parts = [first: Measure, second: Measure | null, isOptional?: true];

const keptBytes = 26 * 2 ** 20;

/** Quantities that no column holds, computed when they are asked for; each may be a part of those behind it. */
export function deriveMeasures(measures: Measures): Measure[] {
  const cache = createColumnCache(keptBytes);
  const known = new Map(measures);
  return definitions.flatMap(({ parts, combine, ...description }) => {
    const found = parts(known);
    if (found === null) return [];
    const measure: Measure = {
      ...description,
      get values() {
        const [first, second, isOptional = false] = found;
        return cache.get(description.name, () => {
          const { values } = first;
          const others = second?.values;
          const isAbsent = others === undefined || (isOptional && others.every(Number.isNaN));
          return combine(values, isAbsent ? new Float64Array(values.length) : others);
        });
      },
    };
    known.set(measure.name, measure);
    return [measure];
  });
}

const definitions: Definition[] = [
  {
    name: "cpu_busy",
    label: "Busy",
    help: "100 − idle − I/O wait: all time in which a CPU worked, or was kept from working by the hypervisor.",
    unit: "percent",
    device: null,
    parts: (measures) => {
      const idle = measures.get("cpu_idle");
      return idle === undefined ? null : [idle, measures.get("cpu_iowait") ?? null, true];
    },
    combine: restOfHundred,
  },
  {
    name: "mem_available",
    label: "Available memory",
    help: "Total memory − used memory, where the file has these alone; not where used memory is total − free memory, for the cache is in that.",
    unit: "bytes",
    device: null,
    parts: (measures) =>
      isMeasured(measures.get("mem_available")) || isWithCache(measures)
        ? null
        : both(measures.get("mem_total"), measures.get("mem_used")),
    combine: difference,
  },
  {
    name: "mem_available_percent",
    label: "Available share",
    help: "Available memory ÷ total memory.",
    unit: "percent",
    device: null,
    parts: (measures) => both(measures.get("mem_available"), measures.get("mem_total")),
    combine: shareOf,
  },
  {
    name: "mem_used_percent",
    label: "Used share",
    help: "100 − available memory ÷ total memory.",
    unit: "percent",
    device: null,
    parts: (measures) => both(measures.get("mem_available"), measures.get("mem_total")),
    combine: (available, total) => restOfHundred(shareOf(available, total)),
  },
  {
    name: "mem_used",
    label: "Used memory",
    help: "Total memory − available memory.",
    unit: "bytes",
    device: null,
    parts: (measures) =>
      isMeasured(measures.get("mem_used"))
        ? null
        : both(measures.get("mem_total"), measures.get("mem_available")),
    combine: difference,
  },
  {
    name: "swap_used",
    label: "Used swap",
    help: "Swap − free swap.",
    unit: "bytes",
    device: null,
    parts: (measures) => both(measures.get("swap_total"), measures.get("swap_free")),
    combine: difference,
  },
];

function both(first: Measure | undefined, second: Measure | undefined): Parts | null {
  return first === undefined || second === undefined ? null : [first, second];
}

function isMeasured(measure: Measure | undefined): boolean {
  return measure?.values.some((value) => !Number.isNaN(value)) === true;
}

/** Whether used memory is what is not free, to a hundredth of all; then it does not tell what is available. */
function isWithCache(measures: Measures): boolean {
  const [total, free, used] = ["mem_total", "mem_free", "mem_used"].map(
    (name) => measures.get(name)?.values ?? new Float64Array(),
  );
  if (total === undefined || free === undefined || used === undefined) return false;
  let [whole, neither] = [0, 0];
  for (const [row, bytes] of total.entries()) {
    const rest = bytes - (free[row] ?? NaN) - (used[row] ?? NaN);
    if (Number.isNaN(rest)) continue;
    whole += bytes;
    neither += rest;
  }
  return neither < 0.01 * whole;
}

/** 100 − first − second, at least 0. */
function restOfHundred(
  first: Float64Array,
  second: Float64Array = new Float64Array(first.length),
): Float64Array {
  const rest = new Float64Array(first.length);
  for (let row = 0; row < rest.length; row++) {
    const percent = 100 - (first[row] ?? NaN) - (second[row] ?? NaN);
    rest[row] = percent < 0 ? 0 : percent;
  }
  return rest;
}

/** Percent. */
function shareOf(part: Float64Array, whole: Float64Array): Float64Array {
  const share = new Float64Array(part.length);
  for (let row = 0; row < share.length; row++) {
    const total = whole[row] ?? NaN;
    share[row] = total > 0 ? (100 * (part[row] ?? NaN)) / total : NaN;
  }
  return share;
}

/** At least 0. */
function difference(whole: Float64Array, part: Float64Array): Float64Array {
  const rest = new Float64Array(whole.length);
  for (let row = 0; row < rest.length; row++) {
    const value = (whole[row] ?? NaN) - (part[row] ?? NaN);
    rest[row] = value < 0 ? 0 : value;
  }
  return rest;
}
