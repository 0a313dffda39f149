import type { Check } from "../check.ts";
import { judgeShare } from "./share.ts";

export const duplicates: Check = {
  id: "duplicates",
  name: "Duplicates",
  looksFor: "Rows of a time that another row has already; they are merged.",
  thresholds: "None, or up to 0.1 % of rows A, 1 % B, 5 % C, more D.",
  judge: ({ input: { corrections } }) =>
    judgeShare(corrections.duplicates, corrections.rowsRead, {
      none: "No time appears twice.",
      some: "had a time that was there already; they were merged",
      limits: [0.001, 0.01, 0.05],
    }),
};
