// How far the data can be trusted. The worst check decides: a chain of evidence is as good as its weakest link.
import { formatCount, formatDuration, formatFixed, formatShare } from "../format.ts";
import type { Input } from "./input.ts";
import type { Samples } from "./samples.ts";
import type { Timing } from "./timing.ts";

export type Grade = "A" | "B" | "C" | "D" | "F";

interface Check {
  name: string;
  grade: Grade;
  /** What was found, with its numbers. */
  sentence: string;
}

export interface DataGrade {
  grade: Grade;
  checks: Check[];
  /** What this data does not support, in words; empty where it supports everything the report says. */
  limits: string[];
}

/** Quantities that the rules and sections need, each with the columns that hold it (any of them will do). */
const wanted: [name: string, pattern: RegExp][] = [
  ["cpu_iowait", /^cpu_iowait$/],
  ["mem_available", /^mem_available$/],
  ["procs_running or load1", /^(procs_running|load1)$/],
  ["vm_swapin_pages", /^vm_swapin_pages$/],
  ["a disk's bytes", /^disk_.+_(read|write)_bytes$/],
  ["a disk's busy share", /^disk_.+_busy$/],
  ["a disk's queue or await", /^disk_.+_(queue|await_ms)$/],
  ["an interface's bytes", /^net_.+_(rx|tx)_bytes$/],
];

const dayS = 86_400;

export function gradeData(
  { samples, corrections }: Pick<Input, "samples" | "corrections">,
  timing: Timing,
): DataGrade {
  const checks = [
    checkAmount(timing),
    checkCoverage(timing),
    checkGaps(timing),
    checkShare("Duplicates", corrections.duplicates, corrections.rowsRead, {
      none: "No time appears twice.",
      some: "had a time that was there already; they were merged",
      limits: [0.001, 0.01, 0.05],
    }),
    checkShare("Order", corrections.outOfOrder, corrections.rowsRead, {
      none: "Rows ascend in time.",
      some: "stood behind a later one; the rows were sorted",
      limits: [0, 0.01, 0.1],
    }),
    checkColumns(samples),
    checkCells(samples),
    checkRepeats(samples),
  ];
  const grade = checks.reduce<Grade>(
    (worst, check) => (check.grade > worst ? check.grade : worst),
    "A",
  );
  return { grade, checks, limits: limitsOf(grade, timing) };
}

function checkAmount({ sampleCount, lengthS }: Timing): Check {
  const sentence = `${formatCount(sampleCount, "sample")} over ${formatDuration(lengthS)}.`;
  if (sampleCount < 3) return { name: "Amount", grade: "F", sentence };
  if (lengthS < 300 || sampleCount < 10) return { name: "Amount", grade: "D", sentence };
  return { name: "Amount", grade: lengthS < 3600 ? "B" : "A", sentence };
}

function checkCoverage({ coverageRatio, sampleCount, expectedCount, intervalS }: Timing): Check {
  const rhythm = intervalS === null ? "" : `, one every ${formatDuration(intervalS)}`;
  return {
    name: "Coverage",
    grade: gradeOf(1 - coverageRatio, [0.01, 0.05, 0.15, 0.4]),
    sentence: `${formatShare(coverageRatio)}: ${formatFixed(sampleCount, 0)} of ${formatCount(expectedCount, "expected sample")}${rhythm}.`,
  };
}

function checkGaps({ gaps, lengthS }: Timing): Check {
  if (gaps.length === 0) return { name: "Gaps", grade: "A", sentence: "No gap." };
  // There can be more of them than a call takes arguments.
  const longestS = gaps.reduce((most, { fromS, toS }) => Math.max(most, toS - fromS), 0);
  return {
    name: "Gaps",
    grade: gradeOf(longestS / lengthS, [0.01, 0.05, 0.15, 1]),
    sentence: `${formatCount(gaps.length, "gap")}, the longest ${formatDuration(longestS)}.`,
  };
}

interface ShareCheck {
  /** What is counted. */
  noun?: string;
  none: string;
  some: string;
  limits: number[];
}

function checkShare(
  name: string,
  count: number,
  total: number,
  { noun = "row", none, some, limits }: ShareCheck,
): Check {
  if (count === 0) return { name, grade: "A", sentence: none };
  const grade = gradeOf(count / total, limits);
  return {
    name,
    grade,
    sentence: `${formatCount(count, noun)} of ${formatFixed(total, 0)} ${some}.`,
  };
}

function checkColumns({ columns, values }: Samples): Check {
  // A column that holds nothing is as good as none.
  const names = columns
    .filter((_, index) => values[index]?.some((value) => !Number.isNaN(value)) === true)
    .map(({ name }) => name);
  const missing = wanted
    .filter(([, pattern]) => !names.some((name) => pattern.test(name)))
    .map(([name]) => name);
  if (missing.length === 0) {
    return { name: "Columns", grade: "A", sentence: "Every column that the rules need is there." };
  }
  const grade = missing.length <= 2 ? "B" : "C";
  return { name: "Columns", grade, sentence: `Missing: ${missing.join(", ")}.` };
}

function checkCells({ columns, values }: Samples): Check {
  // A column without any value is a metric that this machine does not have, and a disk without requests has no await.
  const measured = values.filter(
    (column, index) =>
      columns[index]?.metric.unit !== "ms" && column.some((value) => !Number.isNaN(value)),
  );
  if (measured.length === 0) {
    return { name: "Cells", grade: "F", sentence: "No cell holds a value." };
  }
  const empty = measured.reduce(
    (sum, column) => sum + column.reduce((gaps, value) => gaps + (value === value ? 0 : 1), 0),
    0,
  );
  const total = measured.length * (values[0]?.length ?? 0);
  return checkShare("Cells", empty, total, {
    noun: "cell",
    none: "No cell is empty.",
    some: "that should hold a value are empty",
    limits: [0.01, 0.05, 0.2],
  });
}

/**
 * A sample equal to the one before in every column: the sender repeated itself, the machine did not stand still. Of samples
 * that hold nothing, the empty cells tell.
 */
function checkRepeats({ values, timestampsS }: Samples): Check {
  let run = 0;
  let longest = 0;
  let total = 0;
  for (let row = 1; row < timestampsS.length; row++) {
    const repeats =
      values.every((column) => Object.is(column[row], column[row - 1])) &&
      values.some((column) => !Number.isNaN(column[row]));
    run = repeats ? run + 1 : 0;
    if (repeats) total++;
    if (run > longest) longest = run;
  }
  if (longest < 10) {
    return { name: "Stuck values", grade: "A", sentence: "No stretch of samples repeats itself." };
  }
  return {
    name: "Stuck values",
    grade: gradeOf(total / timestampsS.length, [0, 0.01, 0.1, 0.5]),
    sentence: `${formatCount(total, "sample")} equal the one before in every column, ${formatFixed(longest, 0)} of them in a row: these are not measurements.`,
  };
}

/** The first limit that `ratio` does not exceed decides: A, B, C, D; else one worse than the last. */
function gradeOf(ratio: number, limits: readonly number[]): Grade {
  const grades: Grade[] = ["A", "B", "C", "D", "F"];
  const index = limits.findIndex((limit) => ratio <= limit);
  return grades[index < 0 ? limits.length : index] ?? "F";
}

function limitsOf(grade: Grade, { lengthS }: Timing): string[] {
  const limits: string[] = [];
  if (grade === "F")
    limits.push("No rule is applied: grade F means that a conclusion would be a guess.");
  if (grade === "D") limits.push("Findings are stated with low confidence at most.");
  if (grade === "C") limits.push("Findings are stated with medium confidence at most.");
  if (lengthS < dayS) {
    limits.push(
      `${formatDuration(lengthS)} captured: nothing can be said about the daily course or the right size below 24 h.`,
    );
  }
  return limits;
}
