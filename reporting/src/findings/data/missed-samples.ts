import { formatCount, formatFixed, formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import type { Evidence, Rule, Verdict } from "../finding.ts";

/** Percent of the samples that should be there. */
const most = 1;

const columns: [name: string, words: string][] = [
  ["collector_missed_ticks", "could not be taken in time"],
  ["collector_dropped_samples", "were taken, but had no room until they could be sent"],
];

export const missedSamples: Rule = {
  id: "missed-samples",
  title: "Samples lost where they were taken",
  definition: `More than ${most} % of the expected samples were missed or dropped by the collector itself; a notice.`,
  source:
    "The collector's own promise: 99.95 % of its moments kept under full load. 1 % is our own.",
  aboutData: true,
  judge,
};

function judge(dataset: Dataset): Verdict {
  const known = columns.filter(([name]) => dataset.measure(name) !== null);
  if (known.length === 0) {
    return { outcome: "refused", reason: "The collector's own figures are not in the data." };
  }
  const { expectedCount, sampleCount } = dataset.timing;
  const losses = known.map(([name, words]) => {
    const count = countOf(dataset, name);
    return { count, words, share: (100 * count) / Math.max(expectedCount, sampleCount) };
  });
  const lost = losses.filter(({ share }) => share > most);
  if (lost.length === 0) {
    const list = losses.map(({ count, words }) => `${formatCount(count, "sample")} ${words}`);
    return {
      outcome: "clear",
      sentence: `${list.join("; ")} (limit ${most} %).`,
      confidence: "high",
    };
  }
  return {
    outcome: "finding",
    finding: {
      severity: "notice",
      confidence: "high",
      title: "The collector lost samples",
      sentence: `${formatCount(
        lost.reduce((sum, { count }) => sum + count, 0),
        "sample",
      )} are missing because the collector could not do its work; what happened at these moments is not in this report, and it was likely the busiest.`,
      evidence: lost.map(({ count, share, words }): Evidence => ({
        sentence: `${formatFixed(count, 0)} of ${formatCount(expectedCount, "expected sample")} (${formatValue(share, "percent")}) ${words}.`,
        threshold: `${most} %`,
        ranges: [],
        chartId: null,
      })),
      advice: [
        "Samples not taken in time: the machine was overloaded, stopped or asleep; give the collector a higher priority (Nice=, CPUWeight= of its unit).",
        "Samples without room: see why they could not be sent (pcctl status), and give its spool more room.",
      ],
    },
  };
}

/** Events from a rate: each sample's rate held for the time since the sample before. */
function countOf(dataset: Dataset, name: string): number {
  const measure = dataset.measure(name);
  if (measure === null) return 0;
  const { timestampsS, timing } = dataset;
  const { values } = measure;
  let count = 0;
  for (let row = 0; row < values.length; row++) {
    const rate = values[row] ?? NaN;
    if (!(rate > 0)) continue;
    const sinceS = (timestampsS[row] ?? NaN) - (timestampsS[row - 1] ?? NaN);
    count += rate * (Number.isNaN(sinceS) ? (timing.intervalS ?? 0) : sinceS);
  }
  return Math.round(count);
}
