import { formatCount, formatShare } from "../../format.ts";
import { mostPlaces, placeAt, type Check, type Place } from "../check.ts";
import { gradeOf } from "../grade.ts";

export const resets: Check = {
  id: "counter-resets",
  name: "Counter resets",
  looksFor:
    "Kernel counters that began anew: every rate of a source missing for exactly one sample while other columns hold values, without a gap before. The rates there are gaps, not zeros.",
  thresholds: "None A, up to 1 % of samples B, more C.",
  judge(context) {
    const { scan, dataset } = context;
    const rowCount = dataset.timestampsS.length;
    const interval = dataset.timing.intervalS ?? Infinity;
    const sourcesByRow = new Map<number, string[]>();
    for (const [source, present] of scan.rates) {
      for (let row = 1; row < rowCount - 1; row++) {
        if (present[row] === 1 || present[row - 1] !== 1 || present[row + 1] !== 1) continue;
        const distanceS = (dataset.timestampsS[row] ?? NaN) - (dataset.timestampsS[row - 1] ?? NaN);
        if (scan.held[row] !== 1 || distanceS > 1.5 * interval) continue;
        sourcesByRow.set(row, [...(sourcesByRow.get(row) ?? []), source]);
      }
    }
    if (sourcesByRow.size === 0) return { grade: "A", sentence: "No counter began anew." };
    const rows = [...sourcesByRow].toSorted(([a], [b]) => a - b);
    const places = rows
      .slice(0, mostPlaces)
      .map(([row, sources]): Place => placeAt(context, row, `no rates of ${sources.join(", ")}`));
    const ratio = rows.length / rowCount;
    return {
      grade: gradeOf(ratio, [0, 0.01]),
      sentence: `Counters began anew ${formatCount(rows.length, "time")} (${formatShare(ratio)} of samples): the machine or the collector was restarted, or a driver was loaded.`,
      places,
    };
  },
};
