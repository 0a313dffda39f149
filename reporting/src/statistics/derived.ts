import { createColumnCache } from "../data/column-cache.ts";
import type { Measure } from "./dataset.ts";

type Measures = ReadonlyMap<string, Measure>;
type Definition = Omit<Measure, "values"> & {
  /** Null where a column it needs is missing. */
  parts: (measures: Measures) => Parts | null;
  /** Where a part is a gap, so is the whole. */
  formula: (first: number, second: number) => number;
};

/** An absent part, as opposed to a missing one, counts as 0 because the whole is defined without it. */
type Parts = [first: Measure, second: Measure | "absent"];

const keptBytes = 12 * 2 ** 20;

/** Quantities that no column holds, computed when they are asked for. */
export function deriveMeasures(measures: Measures): Measure[] {
  const cache = createColumnCache(keptBytes);
  return definitions.flatMap(({ parts, formula, ...description }) => {
    const found = parts(measures);
    if (found === null) return [];
    const measure: Measure = {
      ...description,
      get values() {
        return cache.get(description.name, () => combine(found, formula));
      },
    };
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
    parts: (measures) => both(measures.get("cpu_idle"), measures.get("cpu_iowait") ?? "absent"),
    formula: (idle, iowait) => Math.max(0, 100 - idle - iowait),
  },
  {
    name: "mem_available_percent",
    label: "Available share",
    help: "Available memory ÷ total memory.",
    unit: "percent",
    device: null,
    parts: (measures) => both(measures.get("mem_available"), measures.get("mem_total")),
    formula: (available, total) => (total > 0 ? (100 * available) / total : NaN),
  },
  {
    name: "mem_used_percent",
    label: "Used share",
    help: "100 − available memory ÷ total memory.",
    unit: "percent",
    device: null,
    parts: (measures) => both(measures.get("mem_available"), measures.get("mem_total")),
    formula: (available, total) => (total > 0 ? Math.max(0, 100 - (100 * available) / total) : NaN),
  },
  {
    name: "mem_used",
    label: "Used memory",
    help: "Total memory − available memory.",
    unit: "bytes",
    device: null,
    parts: (measures) =>
      measures.has("mem_used")
        ? null
        : both(measures.get("mem_total"), measures.get("mem_available")),
    formula: (total, available) => Math.max(0, total - available),
  },
  {
    name: "swap_used",
    label: "Used swap",
    help: "Swap − free swap.",
    unit: "bytes",
    device: null,
    parts: (measures) => both(measures.get("swap_total"), measures.get("swap_free")),
    formula: (total, free) => Math.max(0, total - free),
  },
];

function both(first: Measure | undefined, second: Parts[1] | undefined): Parts | null {
  return first === undefined || second === undefined ? null : [first, second];
}

function combine([first, second]: Parts, formula: Definition["formula"]): Float64Array {
  const values = first.values;
  const others = second === "absent" ? null : second.values;
  const combined = new Float64Array(values.length);
  for (let row = 0; row < values.length; row++) {
    combined[row] = formula(values[row] ?? NaN, others === null ? 0 : (others[row] ?? NaN));
  }
  return combined;
}
