import { formatShare } from "../../format.ts";
import type { Dataset, Measure } from "../../statistics/dataset.ts";
import { mostPlaces, type Check } from "../check.ts";
import { judgeShare } from "./share.ts";

export const cells: Check = {
  id: "empty-cells",
  name: "Cells",
  looksFor:
    "Empty cells in columns that hold values. A disk without requests has no await, and a container that sleeps has no periods of its CPU limit: those columns do not count. A rate takes two samples: the first may lack it. Of mounts and containers, which come and go, the time between their first and last value does.",
  thresholds: "Up to 1 % of cells A, 5 % B, 20 % C, more D; F where no cell holds a value.",
  judge({ scan, dataset }) {
    const rowCount = dataset.timestampsS.length;
    const measured = scan.columns.filter(
      ({ metric }) => metric.unit !== "ms" && !metric.name.endsWith("_throttled"),
    );
    if (measured.length === 0) return { grade: "F", sentence: "No cell holds a value." };
    const gaps = measured.map(({ measure, metric, summary }) => {
      const passing = metric.scope === "mount" || metric.scope === "container";
      const isWhole = summary.count === rowCount;
      const rows = isWhole
        ? rowCount
        : passing
          ? spanOf(measure)
          : rowCount - Number(metric.kind === "rate" && !hasFirst(dataset, measure));
      return { name: measure.name, rows, empty: rows - summary.count };
    });
    const empty = gaps.reduce((sum, column) => sum + column.empty, 0);
    const total = gaps.reduce((sum, { rows }) => sum + rows, 0);
    const result = judgeShare(empty, total, {
      noun: "cell",
      none: "No cell is empty.",
      some: "held no value and should",
      limits: [0.01, 0.05, 0.2],
    });
    if (result.grade === "A") return result;
    const worst = gaps.toSorted((a, b) => b.empty - a.empty).slice(0, mostPlaces);
    const places = worst
      .filter((column) => column.empty > 0)
      .map((column) => ({
        timeS: null,
        line: null,
        column: column.name,
        value: `${formatShare(column.empty / column.rows)} empty`,
      }));
    return { ...result, places };
  },
};

function hasFirst(dataset: Dataset, measure: Measure): boolean {
  return !Number.isNaN(dataset.rowsOf(measure, 0, 1)[0]);
}

/** Rows from the first to the last value. */
function spanOf({ values }: Measure): number {
  const isValue = (value: number): boolean => !Number.isNaN(value);
  return values.findLastIndex(isValue) - values.findIndex(isValue) + 1;
}
