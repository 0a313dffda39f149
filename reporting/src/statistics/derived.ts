import type { Measure } from "./dataset.ts";

type Measures = ReadonlyMap<string, Measure>;
type Definition = Omit<Measure, "values"> & {
  /** Null where a column it needs is missing. */
  compute: (measures: Measures) => Float64Array | null;
};

/** Quantities that no column holds. Where a part is a gap, so is the whole. */
export function deriveMeasures(measures: Measures): Measure[] {
  return definitions.flatMap(({ compute, ...description }) => {
    const values = compute(measures);
    return values === null ? [] : [{ ...description, values }];
  });
}

const definitions: Definition[] = [
  {
    name: "cpu_busy",
    label: "Busy",
    help: "100 − idle − I/O wait: all time in which a CPU worked, or was kept from working by the hypervisor.",
    unit: "percent",
    device: null,
    compute: (measures) =>
      combine([measures.get("cpu_idle"), measures.get("cpu_iowait") ?? "absent"], (idle, iowait) =>
        Math.max(0, 100 - idle - iowait),
      ),
  },
  {
    name: "mem_available_percent",
    label: "Available share",
    help: "Available memory ÷ total memory.",
    unit: "percent",
    device: null,
    compute: (measures) =>
      combine([measures.get("mem_available"), measures.get("mem_total")], (available, total) =>
        total > 0 ? (100 * available) / total : NaN,
      ),
  },
  {
    name: "mem_used",
    label: "Used memory",
    help: "Total memory − available memory.",
    unit: "bytes",
    device: null,
    compute: (measures) =>
      measures.has("mem_used")
        ? (measures.get("mem_used")?.values ?? null)
        : combine([measures.get("mem_total"), measures.get("mem_available")], (total, available) =>
            Math.max(0, total - available),
          ),
  },
  {
    name: "swap_used",
    label: "Used swap",
    help: "Swap − free swap.",
    unit: "bytes",
    device: null,
    compute: (measures) =>
      combine([measures.get("swap_total"), measures.get("swap_free")], (total, free) =>
        Math.max(0, total - free),
      ),
  },
];

/** An absent part, as opposed to a missing one, counts as 0 because the whole is defined without it. */
function combine(
  [first, second]: [Measure | undefined, Measure | "absent" | undefined],
  formula: (first: number, second: number) => number,
): Float64Array | null {
  if (first === undefined || second === undefined) return null;
  if (second === "absent") return first.values.map((value) => formula(value, 0));
  return first.values.map((value, row) => formula(value, second.values[row] ?? NaN));
}
