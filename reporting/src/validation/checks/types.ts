import type { Check } from "../check.ts";
import { judgeShare } from "./share.ts";
import { placesOf } from "./faults.ts";

export const types: Check = {
  id: "wrong-types",
  name: "Types",
  looksFor: "Cells that hold no number; they are taken as empty.",
  thresholds: "None A, up to 0.1 % of cells B, 5 % C, more D.",
  judge({ input: { corrections }, dataset }) {
    const damaged = corrections.damagedCells.filter(({ kind }) => kind === "type");
    const count = damaged.reduce((sum, one) => sum + one.count, 0);
    const result = judgeShare(count, corrections.rowsRead * dataset.columns.length, {
      noun: "cell",
      none: "Every cell that is not empty holds a number.",
      some: "held no number; taken as empty",
      limits: [0, 0.001, 0.05],
    });
    return { ...result, places: placesOf(damaged) };
  },
};
