import { formatCount, formatDuration, formatValue } from "../../format.ts";
import { mostPlaces, placeAt, type Check, type CheckContext, type Place } from "../check.ts";
import { gradeOf } from "../grade.ts";
import type { ColumnScan } from "../scan.ts";

const shortestRun = 60;
const fewestSteps = 100;
/** Share of steps in which a column changes that never stays as it is. */
const restless = 0.9;

export const stuck: Check = {
  id: "stuck-column",
  name: "Stuck columns",
  looksFor: `A column that changes in nine of ten samples and then keeps one value for ${shortestRun} samples or more while another column of the same source goes on changing. Values of an idle machine (0, a rate below a tenth of its 99th percentile) and of a full one (95 % of the maximum) may stay.`,
  thresholds: "None A; stuck for up to 1 % of samples B, 10 % C, more D.",
  judge(context) {
    const { columns } = context.scan;
    const found = columns.flatMap(({ measure, metric, changes: seen }): Stuck[] => {
      if (seen === null || seen.longestRun.length < shortestRun) return [];
      const otherSteps = seen.steps - (seen.longestRun.length - 1);
      if (otherSteps < fewestSteps || seen.changes < restless * otherSteps) return [];
      const one = { measure, metric, ...seen.longestRun };
      return someSiblingMoved(columns, one) ? [one] : [];
    });
    if (found.length === 0) {
      return { grade: "A", sentence: "No column is stuck while others move." };
    }
    const longest = found.reduce((a, b) => (b.length > a.length ? b : a));
    return {
      grade: gradeOf(longest.length / context.dataset.timestampsS.length, [0, 0.01, 0.1]),
      sentence: `${formatCount(found.length, "column")} stood still while others moved, ${longest.measure.name} for ${formatCount(longest.length, "sample")}.`,
      places: found.slice(0, mostPlaces).map((one) => place(context, one)),
    };
  },
};

/** A stretch of `length` rows, from `row` on. */
interface Stuck extends Pick<ColumnScan, "measure" | "metric"> {
  row: number;
  length: number;
}

function someSiblingMoved(columns: readonly ColumnScan[], { metric, row, length }: Stuck): boolean {
  return columns.some((sibling) => {
    if (sibling.metric.source !== metric.source) return false;
    const { values } = sibling.measure;
    let moved = 0;
    for (let at = row + 1; at < row + length; at++) {
      const [before = NaN, value = NaN] = [values[at - 1], values[at]];
      if (value < before || value > before) moved++;
    }
    return moved >= (restless / 2) * (length - 1);
  });
}

function place(context: CheckContext, { measure, metric, row, length }: Stuck): Place {
  const { timestampsS } = context.dataset;
  const lengthS = (timestampsS[row + length - 1] ?? NaN) - (timestampsS[row] ?? NaN);
  const value = formatValue(measure.values[row] ?? NaN, metric.unit);
  return placeAt(context, row, `${value} for ${formatDuration(lengthS)}`, measure.name);
}
