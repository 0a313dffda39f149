import { formatCount, formatFixed } from "../../format.ts";
import { placeAt, type Check } from "../check.ts";
import { gradeOf } from "../grade.ts";

const shortestRun = 10;

export const repeats: Check = {
  id: "repeated-samples",
  name: "Stuck values",
  looksFor:
    "Stretches of samples that equal the one before in every column: a sender that repeats itself. Samples without any value are empty cells, not repetitions.",
  thresholds: "From 10 in a row; repetitions up to 1 % of samples B, 10 % C, 50 % D, more F.",
  judge(context) {
    const { differs, held } = context.scan;
    let [run, longest, longestRow, total] = [0, 0, 0, 0];
    for (let row = 1; row < differs.length; row++) {
      const isRepeated = differs[row] === 0 && held[row] === 1;
      run = isRepeated ? run + 1 : 0;
      if (isRepeated) total++;
      if (run > longest) [longest, longestRow] = [run, row - run];
    }
    if (longest < shortestRun) {
      return { grade: "A", sentence: "No stretch of samples repeats itself." };
    }
    return {
      grade: gradeOf(total / differs.length, [0, 0.01, 0.1, 0.5]),
      sentence: `${formatCount(total, "sample")} equal the one before in every column, ${formatFixed(longest, 0)} of them in a row: these are not measurements.`,
      places: [placeAt(context, longestRow, `${formatCount(longest, "repetition")} follow`)],
    };
  },
};
