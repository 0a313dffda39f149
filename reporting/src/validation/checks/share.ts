import { formatCount, formatFixed } from "../../format.ts";
import type { CheckResult } from "../check.ts";
import { gradeOf } from "../grade.ts";

/** The common shape of checks that count: how many of how many, by limits of their share for A, B and so on. */
export function judgeShare(
  count: number,
  total: number,
  {
    noun = "row",
    none,
    some,
    limits,
  }: { noun?: string; none: string; some: string; limits: number[] },
): CheckResult {
  if (count === 0) return { grade: "A", sentence: none };
  return {
    grade: gradeOf(count / total, limits),
    sentence: `${formatCount(count, noun)} of ${formatFixed(total, 0)} ${some}.`,
  };
}
