import { fewestSteady } from "../../data/timing.ts";
import { formatCount, formatDuration } from "../../format.ts";
import { mostPlaces, type Check } from "../check.ts";
import { gradeOf } from "../grade.ts";

export const gaps: Check = {
  id: "gaps",
  name: "Gaps",
  looksFor: `More than 1.5 intervals without a sample, unless ${fewestSteady} or more in a row are as far apart.`,
  thresholds: "The longest gap up to 1 % of the window A, 5 % B, 15 % C, more D.",
  judge({ dataset }) {
    const { gaps: found, lengthS } = dataset.timing;
    if (found.length === 0) return { grade: "A", sentence: "No gap." };
    // There can be more of them than a call takes arguments.
    const longestS = found.reduce((most, { fromS, toS }) => Math.max(most, toS - fromS), 0);
    const longest = found.toSorted((a, b) => b.toS - b.fromS - (a.toS - a.fromS));
    return {
      grade: gradeOf(longestS / lengthS, [0.01, 0.05, 0.15, 1]),
      sentence: `${formatCount(found.length, "gap")}, the longest ${formatDuration(longestS)}.`,
      places: longest.slice(0, mostPlaces).map(({ fromS, toS }) => ({
        timeS: fromS,
        line: null,
        column: null,
        value: `${formatDuration(toS - fromS)} without a sample`,
      })),
    };
  },
};
