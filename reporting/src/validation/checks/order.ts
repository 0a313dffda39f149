import type { Check } from "../check.ts";
import { judgeShare } from "./share.ts";

export const order: Check = {
  id: "order",
  name: "Order",
  looksFor:
    "Rows that stand before an earlier one or behind a later one, the fewest that have to move; they are sorted.",
  thresholds: "None A, up to 1 % of rows B, 10 % C, more D.",
  judge: ({ input: { corrections } }) =>
    judgeShare(corrections.outOfOrder, corrections.rowsRead, {
      none: "Rows ascend in time.",
      some: "stood at another place than their time's; the rows were sorted",
      limits: [0, 0.01, 0.1],
    }),
};
