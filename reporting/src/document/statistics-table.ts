import { formatFixed, unitScale } from "../format.ts";
import type { Dataset, Measure } from "../statistics/dataset.ts";
import type { Summary } from "../statistics/summary.ts";
import type { Table, Text } from "./model.ts";
import { texts } from "../texts/english.ts";

const words = texts.statistics;
const figures: [label: string, key: keyof Summary][] = [
  [words.min, "min"],
  [words.mean, "mean"],
  ["p50", "p50"],
  ["p75", "p75"],
  ["p90", "p90"],
  ["p95", "p95"],
  ["p97.5", "p97_5"],
  ["p99", "p99"],
  [words.max, "max"],
];
const spread: typeof figures = [
  [words.standardDeviation, "standardDeviation"],
  [words.medianAbsoluteDeviation, "mad"],
];

/** A measure a row. Each row has one unit and one number of decimals, chosen by its largest value, so that it reads across. */
export function statisticsTable(
  dataset: Dataset,
  {
    caption,
    measures,
    name = (measure) => measure.label,
    withSpread = false,
  }: {
    caption: string;
    measures: readonly Measure[];
    name?: (measure: Measure) => Text;
    /** Also standard deviation and median absolute deviation. */
    withSpread?: boolean;
  },
): Table {
  const shown = withSpread ? [...figures, ...spread] : figures;
  return {
    kind: "table",
    caption,
    columns: [
      { label: words.metric, align: "left" },
      { label: words.unit, align: "left" },
      ...shown.map(([label]) => ({ label, align: "right" as const })),
    ],
    rows: measures.map((measure) => {
      const summary = dataset.summary(measure);
      const { divisor, suffix } = unitScale(measure.unit, summary.max);
      const decimals = rowDecimals(summary.max / divisor);
      const cells = shown.map(([, key]) => formatFixed(summary[key] / divisor, decimals));
      return [name(measure), suffix === "" ? words.count : suffix, ...cells];
    }),
  };
}

/** Four significant digits of the largest. */
function rowDecimals(largest: number): number {
  if (!(largest > 0)) return 0;
  return Math.min(3, Math.max(0, 3 - Math.floor(Math.log10(largest))));
}
