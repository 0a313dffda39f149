import type { Check } from "./check.ts";
import { amount } from "./checks/amount.ts";
import { cells } from "./checks/cells.ts";
import { columns } from "./checks/columns.ts";
import { coverage } from "./checks/coverage.ts";
import { duplicates } from "./checks/duplicates.ts";
import { gaps } from "./checks/gaps.ts";
import { jitter } from "./checks/jitter.ts";
import { order } from "./checks/order.ts";
import { repeats } from "./checks/repeats.ts";

/** In the order of the report: how much there is, its times, its rows, its values. */
export const checks: readonly Check[] = [
  amount,
  coverage,
  gaps,
  jitter,
  duplicates,
  order,
  columns,
  cells,
  repeats,
];
