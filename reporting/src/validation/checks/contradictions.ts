import type { Check } from "../check.ts";
import { judgeShare } from "./share.ts";

export const contradictions: Check = {
  id: "contradictions",
  name: "Contradictions",
  looksFor:
    "Rows of a time that another row has already, with other values: two machines or two collectors under one name, samples taken more often than once a second, or a clock that went back. Only the first row of a time is used.",
  thresholds: "None, or up to 0.1 % of rows A, 1 % B, 5 % C, more D.",
  judge: ({ input: { corrections } }) =>
    judgeShare(corrections.contradictions.rows, corrections.rowsRead, {
      none: "No two rows of one time contradict one another.",
      some: "say something else than another row of the same time; the first of each time was used",
      limits: [0.001, 0.01, 0.05],
    }),
};
