import type { Input } from "../data/input.ts";
import type { Dataset } from "../statistics/dataset.ts";
import type { Grade } from "./grade.ts";
import type { Scan } from "./scan.ts";

/** What needs more than a moment's data: rules and sections ask whether it is forbidden. */
export type Conclusion = "rightSizing" | "dailyProfile" | "trend";

/** One kind of fault that data can have. */
export interface Check {
  /** Stable, for example `counter-resets`. */
  id: string;
  /** Title in tables, the same for good and for bad data. */
  name: string;
  looksFor: string;
  /** Every limit, and the grades it leads to. */
  thresholds: string;
  judge(context: CheckContext): CheckResult;
}

export interface CheckContext {
  /** What was told, and set right, on the way from the input to samples. */
  input: Pick<Input, "captures" | "corrections" | "machines">;
  dataset: Dataset;
  scan: Scan;
}

export interface CheckResult {
  grade: Grade;
  /** What was found, with its numbers. */
  sentence: string;
  /** The first few places of the fault, or the worst. */
  places?: Place[];
  /** Conclusions that this fault takes away, each with the reason: a sentence's end, behind a colon. */
  forbids?: Partial<Record<Conclusion, string>>;
}

export interface Place {
  /** Unix seconds; null where a line of the input is all that is known. */
  timeS: number | null;
  /** Of the input, 1 is the header; null where samples tell. */
  line: number | null;
  /** Null where all columns are meant. */
  column: string | null;
  /** In words and numbers. */
  value: string;
}

/** More places than these help nobody. */
export const mostPlaces = 5;

/** A place in the samples. */
export function placeAt(
  { dataset }: CheckContext,
  row: number,
  value: string,
  column: string | null = null,
): Place {
  return { timeS: dataset.timestampsS[row] ?? null, line: null, column, value };
}
