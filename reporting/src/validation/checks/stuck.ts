import { formatCount, formatDuration, formatValue } from "../../format.ts";
import { mostPlaces, placeAt, type Check, type CheckContext } from "../check.ts";
import { gradeOf } from "../grade.ts";
import type { ColumnScan } from "../scan.ts";

const shortestRun = 60;
const fewestSteps = 100;
/** Share of steps in which a column changes that never stays as it is. */
const restless = 0.9;

export const stuck: Check = {
  id: "stuck-column",
  name: "Stuck columns",
  looksFor: `A column that changes in nine of ten samples and then keeps one value, neither 0 nor its maximum, for ${shortestRun} samples or more while another column of the same source goes on changing. An idle machine's columns rest together.`,
  thresholds: "None A; stuck for up to 1 % of samples B, 10 % C, more D.",
  judge(context) {
    const { columns } = context.scan;
    const candidates = columns.filter(
      ({ longestRun, steps, changes }) =>
        longestRun.length >= shortestRun &&
        steps - longestRun.length >= fewestSteps &&
        changes >= restless * (steps - longestRun.length + 1),
    );
    const found = candidates.filter((column) => someSiblingMoved(columns, column));
    if (found.length === 0)
      return { grade: "A", sentence: "No column is stuck while others move." };
    const longest = found.reduce((a, b) => (b.longestRun.length > a.longestRun.length ? b : a));
    return {
      grade: gradeOf(
        longest.longestRun.length / context.dataset.timestampsS.length,
        [0, 0.01, 0.1],
      ),
      sentence: `${formatCount(found.length, "column")} stood still while others moved, ${longest.measure.name} for ${formatCount(longest.longestRun.length, "sample")}.`,
      places: found.slice(0, mostPlaces).map((column) => place(context, column)),
    };
  },
};

function someSiblingMoved(columns: readonly ColumnScan[], stuckOne: ColumnScan): boolean {
  const { row, length } = stuckOne.longestRun;
  return columns.some(({ measure, metric, steps, changes }) => {
    if (metric.source !== stuckOne.metric.source || changes < restless * steps * 0.5) return false;
    const { values } = measure;
    let moved = 0;
    for (let at = row + 1; at < row + length; at++) {
      const [before = NaN, value = NaN] = [values[at - 1], values[at]];
      if (value !== before && value === value && before === before) moved++;
    }
    return moved >= (restless / 2) * (length - 1);
  });
}

function place(context: CheckContext, { measure, metric, longestRun }: ColumnScan) {
  const { values } = measure;
  const { timestampsS } = context.dataset;
  const last = longestRun.row + longestRun.length - 1;
  const lengthS = (timestampsS[last] ?? NaN) - (timestampsS[longestRun.row] ?? NaN);
  const value = formatValue(values[longestRun.row] ?? NaN, metric.unit);
  return placeAt(context, longestRun.row, `${value} for ${formatDuration(lengthS)}`, measure.name);
}
