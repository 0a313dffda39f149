import type { Check } from "./check.ts";
import { amount } from "./checks/amount.ts";
import { cells } from "./checks/cells.ts";
import { clock } from "./checks/clock.ts";
import { columns } from "./checks/columns.ts";
import { contradictions } from "./checks/contradictions.ts";
import { counters } from "./checks/counters.ts";
import { coverage } from "./checks/coverage.ts";
import { cpuSum } from "./checks/cpu-sum.ts";
import { duplicates } from "./checks/duplicates.ts";
import { gaps } from "./checks/gaps.ts";
import { jitter } from "./checks/jitter.ts";
import { jumps } from "./checks/jumps.ts";
import { machines } from "./checks/machines.ts";
import { order } from "./checks/order.ts";
import { outliers } from "./checks/outliers.ts";
import { range } from "./checks/range.ts";
import { repeats } from "./checks/repeats.ts";
import { resets } from "./checks/resets.ts";
import { rows } from "./checks/rows.ts";
import { strays } from "./checks/strays.ts";
import { stuck } from "./checks/stuck.ts";
import { types } from "./checks/types.ts";

/** In the order of the report: how much there is, its times, its rows and cells, its values, the machine. */
export const checks: readonly Check[] = [
  amount,
  coverage,
  gaps,
  jitter,
  clock,
  strays,
  duplicates,
  contradictions,
  order,
  rows,
  columns,
  types,
  range,
  cells,
  cpuSum,
  resets,
  repeats,
  stuck,
  counters,
  outliers,
  jumps,
  machines,
];
