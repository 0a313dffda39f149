import { formatFixed } from "../../format.ts";
import type { Check } from "../check.ts";
import { placesOf } from "./faults.ts";
import { judgeShare } from "./share.ts";

const why = {
  time: "without a time",
  machine: "without a machine id",
  width: "with more or fewer cells than the header",
  torn: "cut off",
  line: "of captures that are damaged",
} as const;

export const rows: Check = {
  id: "damaged-rows",
  name: "Rows",
  looksFor:
    "Rows that nobody can use: without a time or a machine id, of another width than the header, cut off at the end.",
  thresholds: "None A, up to 0.1 % of rows B, 5 % C, more D.",
  judge({ input: { corrections } }) {
    const { droppedRows, rowsRead } = corrections;
    const count = droppedRows.reduce((sum, one) => sum + one.count, 0);
    const kinds = droppedRows.map((one) => `${formatFixed(one.count, 0)} ${why[one.kind]}`);
    const result = judgeShare(count, rowsRead + count, {
      none: "Every row could be read.",
      some: `had to be dropped: ${kinds.join(", ")}`,
      limits: [0, 0.001, 0.05],
    });
    return { ...result, places: placesOf(droppedRows) };
  },
};
