import { formatCount, formatFixed } from "../../format.ts";
import { mostPlaces, placeAt, type Check, type CheckContext } from "../check.ts";
import { gradeOf } from "../grade.ts";
import type { Scan } from "../scan.ts";

const shortestRun = 10;
const fewestMoving = 100;

export const repeats: Check = {
  id: "repeated-samples",
  name: "Stuck values",
  looksFor:
    "Stretches of samples that equal the one before in every column, a rate that is neither 0 nor its maximum among them: a sender that repeats itself. Samples without any value are empty cells, and unless 100 samples, and nine of ten outside of such stretches, change one after the other, the machine rests at times.",
  thresholds: "From 10 in a row; repetitions up to 1 % of samples B, 10 % C, 50 % D, more F.",
  judge(context) {
    const rowCount = context.dataset.timestampsS.length;
    const runs = withoutRest(context, findRuns(context));
    if (runs.length === 0) return { grade: "A", sentence: "No stretch of samples repeats itself." };
    const total = runs.reduce((sum, { length }) => sum + length, 0);
    const longest = runs.reduce((a, b) => (b.length > a.length ? b : a));
    return {
      grade: gradeOf(total / rowCount, [0, 0.01, 0.1, 0.5]),
      sentence: `${formatCount(total, "sample")} equal the one before in every column, ${formatFixed(longest.length, 0)} of them in a row: these are not measurements.`,
      places: runs
        .slice(0, mostPlaces)
        .map(({ row, length }) =>
          placeAt(context, row, `${formatCount(length, "repetition")} follow`),
        ),
    };
  },
};

/** So many samples behind `row` repeat it. */
interface Run {
  row: number;
  length: number;
}

function findRuns({ scan: { differs, held } }: CheckContext): Run[] {
  const runs: Run[] = [];
  let length = 0;
  for (let row = 1; row <= differs.length; row++) {
    if (differs[row] === 0 && held[row] === 1) {
      length++;
      continue;
    }
    if (length >= shortestRun) runs.push({ row: row - 1 - length, length });
    length = 0;
  }
  return runs;
}

/** Without those in which all that is measured rests, as in an idle machine, or a full one. */
function withoutRest({ scan }: CheckContext, runs: Run[]): Run[] {
  if (runs.length === 0 || !isRestless(scan, runs)) return [];
  const rates = scan.columns.filter(({ metric }) => metric.kind === "rate");
  const isLive = runs.map(() => false);
  for (const { measure, metric } of rates) {
    const { values } = measure;
    for (const [index, { row }] of runs.entries()) {
      const value = values[row] ?? NaN;
      if (value > 0 && value !== metric.max) isLive[index] = true;
    }
  }
  return runs.filter((_, index) => isLive[index]);
}

/** Whether samples outside of the runs differ one after the other: where changes stand alone, the machine rests between them. */
function isRestless({ differs }: Scan, runs: readonly Run[]): boolean {
  const repeated = runs.reduce((sum, { length }) => sum + length, 0);
  const others = differs.length - repeated;
  let moving = 0;
  for (let row = 1; row < differs.length; row++) {
    if (differs[row] === 1 && differs[row - 1] === 1) moving++;
  }
  return moving >= Math.max(fewestMoving, 0.9 * (others - 2 * runs.length));
}
