import { formatShare } from "../../format.ts";
import { mostPlaces, type Check } from "../check.ts";
import { judgeShare } from "./share.ts";

export const cells: Check = {
  id: "empty-cells",
  name: "Cells",
  looksFor:
    "Empty cells in columns that hold values. A disk without requests has no await: those columns do not count.",
  thresholds: "Up to 1 % of cells A, 5 % B, 20 % C, more D; F where no cell holds a value.",
  judge({ scan, dataset }) {
    const rowCount = dataset.timestampsS.length;
    const measured = scan.columns.filter(({ metric }) => metric.unit !== "ms");
    if (measured.length === 0) return { grade: "F", sentence: "No cell holds a value." };
    const gaps = measured.map(({ measure, summary }) => ({
      name: measure.name,
      empty: rowCount - summary.count,
    }));
    const empty = gaps.reduce((sum, column) => sum + column.empty, 0);
    const result = judgeShare(empty, measured.length * rowCount, {
      noun: "cell",
      none: "No cell is empty.",
      some: "that should hold a value are empty",
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
        value: `${formatShare(column.empty / rowCount)} empty`,
      }));
    return { ...result, places };
  },
};
