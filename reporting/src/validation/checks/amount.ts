import { formatCount, formatDuration } from "../../format.ts";
import type { Check } from "../check.ts";

export const amount: Check = {
  id: "amount",
  name: "Amount",
  looksFor: "Too few samples, or too little time, to judge by.",
  thresholds: "A from an hour; B from 5 min; D below, or under 10 samples; F under 3 samples.",
  judge({ dataset }) {
    const { sampleCount, lengthS } = dataset.timing;
    const sentence = `${formatCount(sampleCount, "sample")} over ${formatDuration(lengthS)}.`;
    if (sampleCount < 3) return { grade: "F", sentence };
    if (lengthS < 300 || sampleCount < 10) return { grade: "D", sentence };
    return { grade: lengthS < 3600 ? "B" : "A", sentence };
  },
};
