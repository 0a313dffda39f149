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
    const candidates = columns.flatMap(({ measure, metric, changes: seen }): Stuck[] => {
      if (seen === null || seen.longestRun.length < shortestRun) return [];
      const otherSteps = seen.steps - (seen.longestRun.length - 1);
      const isRestless = otherSteps >= fewestSteps && seen.changes >= restless * otherSteps;
      return isRestless ? [{ measure, metric, ...seen.longestRun }] : [];
    });
    const besides = movedBeside(context, candidates);
    const found = candidates.filter((one) => besides.has(one));
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

/** Those during which some column of the same source went on changing. Each column is read once: it may lie in a file. */
function movedBeside({ scan, dataset }: CheckContext, candidates: readonly Stuck[]): Set<Stuck> {
  const moved = new Set<Stuck>();
  for (const { metric, measure } of scan.columns) {
    const open = candidates.filter((one) => one.metric.source === metric.source && !moved.has(one));
    if (open.length === 0) continue;
    const from = Math.min(...open.map(({ row }) => row));
    const to = Math.max(...open.map(({ row, length }) => row + length));
    const moves = countMoves(dataset.rowsOf(measure, from, to));
    for (const one of open) {
      const { row, length } = one;
      const count = (moves[row - from + length - 1] ?? 0) - (moves[row - from] ?? 0);
      if (count >= (restless / 2) * (length - 1)) moved.add(one);
    }
  }
  return moved;
}

/** By row: how many of it and the rows before differ from the row before them. */
function countMoves(values: Float64Array): Uint32Array {
  const moves = new Uint32Array(values.length);
  let count = 0;
  for (let row = 1; row < values.length; row++) {
    const before = values[row - 1] ?? NaN;
    const value = values[row] ?? NaN;
    if (value < before || value > before) count++;
    moves[row] = count;
  }
  return moves;
}

function place(context: CheckContext, { measure, metric, row, length }: Stuck): Place {
  const { timestampsS } = context.dataset;
  const [stuckAt = NaN] = context.dataset.rowsOf(measure, row, row + 1);
  const lengthS = (timestampsS[row + length - 1] ?? NaN) - (timestampsS[row] ?? NaN);
  const value = formatValue(stuckAt, metric.unit);
  return placeAt(context, row, `${value} for ${formatDuration(lengthS)}`, measure.name);
}
