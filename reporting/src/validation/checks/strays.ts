import { leastLeapS, mostStrays } from "../../data/strays.ts";
import { formatRange } from "../../format.ts";
import type { Check } from "../check.ts";
import { judgeShare } from "./share.ts";

export const strays: Check = {
  id: "stray-times",
  name: "Stray times",
  looksFor: `Samples, up to ${100 * mostStrays} % of all, that are further from the others than these last, and than ${leastLeapS / 86_400} days, as of a clock that was not set yet; they are left out.`,
  thresholds: "None A, up to 1 % of samples B, 10 % C, more D.",
  judge({ input: { corrections }, dataset }) {
    const found = corrections.strays;
    if (found === null) return { grade: "A", sentence: "All samples are of one time." };
    const { count, firstS, lastS } = found;
    const result = judgeShare(count, count + dataset.timing.sampleCount, {
      noun: "sample",
      none: "",
      some: "are of quite another time than the others, and left out: the clock was not set rightly, or they are of another capture",
      limits: [0, 0.01, 0.1],
    });
    const value = count === 1 ? "one sample" : formatRange(firstS, lastS);
    return { ...result, places: [{ timeS: firstS, line: null, column: null, value }] };
  },
};
