import { formatFixed } from "../../format.ts";
import { mostPlaces, placeAt, type Check, type Place } from "../check.ts";
import { judgeShare } from "./share.ts";

/** Percentage points. Eight cells of hundredths are off by 0.04 at most, whole percents by 4, which few files have. */
const tolerance = 1;

export const cpuSum: Check = {
  id: "cpu-sum",
  name: "CPU sum",
  looksFor: `CPU time that does not add up: user + nice + system + idle + I/O wait + irq + softirq + steal off 100 by more than ${tolerance} point, where all of them are there.`,
  thresholds: "Up to 0.01 % of samples A, 1 % B, 10 % C, more D.",
  judge(context) {
    const sums = context.scan.cpuSums;
    if (sums === null) {
      return { grade: "A", sentence: "Not all parts of CPU time are there to be added up." };
    }
    let [count, measured] = [0, 0];
    const places: Place[] = [];
    for (let row = 0; row < sums.length; row++) {
      const sum = sums[row] ?? NaN;
      if (sum !== sum) continue;
      measured++;
      if (Math.abs(sum - 100) <= tolerance) continue;
      count++;
      if (places.length < mostPlaces) {
        places.push(placeAt(context, row, `the parts add up to ${formatFixed(sum, 1)} %`));
      }
    }
    const result = judgeShare(count, measured, {
      noun: "sample",
      none: "The parts of CPU time add up to 100 %.",
      some: "had parts of CPU time that did not add up to 100 %",
      limits: [0.0001, 0.01, 0.1],
    });
    return { ...result, places };
  },
};
