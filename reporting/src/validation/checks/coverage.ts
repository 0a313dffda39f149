import { fewestSteady } from "../../data/timing.ts";
import { formatCount, formatDuration, formatFixed, formatShare } from "../../format.ts";
import type { Check } from "../check.ts";
import { gradeOf } from "../grade.ts";

export const coverage: Check = {
  id: "coverage",
  name: "Coverage",
  looksFor: `Samples missing of those that the window would hold at its interval, the median distance of samples; where ${fewestSteady} or more in a row keep another distance, none is missing among them.`,
  thresholds: "Missing up to 1 % A, 5 % B, 15 % C, 40 % D, more F.",
  judge({ dataset }) {
    const { coverageRatio, sampleCount, expectedCount, intervalS } = dataset.timing;
    const rhythm = intervalS === null ? "" : `, one every ${formatDuration(intervalS)}`;
    return {
      grade: gradeOf(1 - coverageRatio, [0.01, 0.05, 0.15, 0.4]),
      sentence: `${formatShare(coverageRatio)}: ${formatFixed(sampleCount, 0)} of ${formatCount(expectedCount, "expected sample")}${rhythm}.`,
    };
  },
};
