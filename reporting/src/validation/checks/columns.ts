import type { Check } from "../check.ts";

/** Quantities that the rules and sections need, each with the columns that hold it (any of them will do). */
const wanted: [name: string, pattern: RegExp][] = [
  ["cpu_iowait", /^cpu_iowait$/],
  ["mem_available or mem_used", /^mem_(available|used)$/],
  ["procs_running or load1", /^(procs_running|load1)$/],
  ["vm_swapin_pages", /^vm_swapin_pages$/],
  ["a disk's bytes", /^disk_.+_(read|write)_bytes$/],
  ["a disk's busy share", /^disk_.+_busy$/],
  ["a disk's queue or await", /^disk_.+_(queue|await_ms)$/],
  ["an interface's bytes", /^net_.+_(rx|tx)_bytes$/],
];

export const columns: Check = {
  id: "missing-columns",
  name: "Columns",
  looksFor: "Columns that the main rules need and that are not there, or hold nothing.",
  thresholds: "All there A, one or two missing B, more C.",
  judge({ scan }) {
    const missing = wanted
      .filter(([, pattern]) => !scan.columns.some(({ measure }) => pattern.test(measure.name)))
      .map(([name]) => name);
    if (missing.length === 0) {
      return { grade: "A", sentence: "Every column that the main rules need is there." };
    }
    return {
      grade: missing.length <= 2 ? "B" : "C",
      sentence: `Missing: ${missing.join(", ")}. Rules that lack others say so themselves.`,
    };
  },
};
