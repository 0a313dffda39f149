import { formatValue } from "../../format.ts";
import { mostPlaces, placeAt, type Check, type CheckContext, type Place } from "../check.ts";
import type { ColumnScan } from "../scan.ts";
import { placesOf } from "./faults.ts";
import { judgeShare } from "./share.ts";

/** By so much, in the metric's unit, a rounding may take a value beyond its limit. */
const tolerance = 0.5;

export const range: Check = {
  id: "out-of-range",
  name: "Range",
  looksFor: "Values that their metric cannot have: below 0, or above its maximum, such as 150 %.",
  thresholds: "None A, up to 0.01 % of cells B, 1 % C, more D.",
  judge(context) {
    const { corrections } = context.input;
    const damaged = corrections.damagedCells.filter(({ kind }) => kind === "range");
    const places = placesOf(damaged);
    let count = damaged.reduce((sum, one) => sum + one.count, 0);
    for (const column of context.scan.columns) {
      const { summary, metric } = column;
      // The reader takes such cells as empty; samples that came from elsewhere may have them still.
      if (summary.min >= 0 && summary.max <= (metric.max ?? Infinity) + tolerance) continue;
      count += countBeyond(context, column, places);
    }
    const cells = corrections.rowsRead * context.dataset.columns.length;
    const result = judgeShare(count, cells, {
      noun: "cell",
      none: "Every value is one that its metric can have.",
      some: "held what its metric cannot be",
      limits: [0, 0.0001, 0.01],
    });
    return { ...result, places };
  },
};

function countBeyond(
  context: CheckContext,
  { measure, metric }: ColumnScan,
  places: Place[],
): number {
  const { values } = measure;
  const most = (metric.max ?? Infinity) + tolerance;
  let count = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? NaN;
    if (!(value < 0 || value > most)) continue;
    count++;
    if (places.length < mostPlaces) {
      places.push(placeAt(context, row, formatValue(value, metric.unit), measure.name));
    }
  }
  return count;
}
