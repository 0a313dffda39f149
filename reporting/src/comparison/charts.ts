// Pictures of a comparison: captures upon each other on their common axis, and how hard each of them used its machine.
import { overlayChart } from "../charts/overlay.ts";
import { radarChart } from "../charts/radar.ts";
import type { Figure } from "../document/model.ts";
import { formatDuration, formatValue } from "../format.ts";
import { comparisonTexts } from "../texts/english-comparison.ts";
import { addToBuckets, bucketMeans, createBuckets } from "../statistics/buckets.ts";
import type { Measure } from "../statistics/dataset.ts";
import type { Aligned, Alignment } from "./alignment.ts";
import type { Comparison } from "./compare.ts";
import type { Quantity, Subject } from "./differences.ts";

const { sideBySide: words, radar: radarWords } = comparisonTexts;
const dayS = 86_400;
/** Few enough to tell several lines apart. */
const mostBuckets = 480;
const roundLengthsS = [
  1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
  86_400,
];

/** The common axis, cut into buckets. */
interface Axis {
  startS: number;
  bucketS: number;
  length: number;
  align: "elapsed" | "clock";
  title: string;
}

export interface Pictures {
  overlay(quantity: Quantity): Figure;
  /** null where there are too few resources to compare. */
  radar(quantities: readonly Quantity[]): Figure | null;
}

export function createPictures(
  subjects: readonly Subject[],
  { alignment, aligned }: Comparison,
): Pictures {
  const axis = axisOf(subjects, alignment, aligned);
  const placesS = subjects.map(({ dataset }, at) =>
    dataset.timestampsS.map((timeS) => aligned.positions[at]?.(timeS) ?? NaN),
  );

  function meansOf(measure: Measure | null, at: number): Float64Array {
    const buckets = createBuckets(axis.startS, axis.bucketS, axis.length);
    if (measure !== null) addToBuckets(buckets, placesS[at] ?? new Float64Array(), measure.values);
    return bucketMeans(buckets);
  }
  return {
    overlay(quantity) {
      const id = `chart-compare-${quantity.name.replace(/[^a-zA-Z0-9]/g, "-")}`;
      const { label, unit, measures, summaries } = quantity;
      const description = subjects
        .map((subject, at) => {
          const summary = summaries[at] ?? null;
          return summary === null
            ? words.notMeasured(subject.label)
            : words.describe(
                subject.label,
                formatValue(summary.mean, unit),
                formatValue(summary.p95, unit),
              );
        })
        .join(" ");
      const { align, startS, bucketS, length, title: axisTitle } = axis;
      const series = subjects.map((subject, at) => {
        return { label: subject.label, means: meansOf(measures[at] ?? null, at) };
      });
      const wholePercent = unit === "percent";
      return {
        kind: "figure",
        id,
        title: label,
        description,
        note: words.resolution(formatDuration(bucketS)),
        chart: overlayChart({
          id,
          title: label,
          description,
          layout: "fluid",
          unit,
          align,
          startS,
          bucketS,
          length,
          axisTitle,
          series,
          wholePercent,
        }),
      };
    },
    radar: (quantities) => radarFigure(subjects, quantities),
  };
}

function axisOf(subjects: readonly Subject[], alignment: Alignment, aligned: Aligned): Axis {
  const stepS = Math.max(...subjects.map(({ dataset }) => dataset.timing.intervalS ?? 1));
  const { startS, endS } = aligned;
  const least = Math.max(stepS, (endS - startS) / mostBuckets);
  const bucketS =
    roundLengthsS.find((lengthS) => lengthS >= least && dayS % lengthS === 0) ??
    stepS * Math.ceil(least / stepS);
  const length = Math.max(1, Math.ceil((endS - startS) / bucketS));
  switch (alignment) {
    case "elapsed":
      return { startS, bucketS, length, align: "elapsed", title: words.axes.elapsed };
    case "time-of-day":
      return { startS, bucketS, length, align: "clock", title: words.axes.clock };
    case "marker":
      return { startS, bucketS, length, align: "elapsed", title: words.axes.marker };
  }
}

/** Shares of a whole end at 100 %; for the others the axis ends at what the busiest capture reached. */
const radarAxes: [name: RegExp, label: string, scale: "whole" | "most"][] = [
  [/^cpu_busy$/, radarWords.axes.cpu, "whole"],
  [/^psi_cpu_some$/, radarWords.axes.cpuPressure, "whole"],
  [/^mem_used$/, radarWords.axes.memory, "most"],
  [/^mem_used_percent$/, radarWords.axes.memory, "whole"],
  [/^psi_memory_some$/, radarWords.axes.memoryPressure, "whole"],
  [/^disk_.+_busy$/, radarWords.axes.disk, "whole"],
  [/^disk_.+_await_ms$/, radarWords.axes.diskAwait, "most"],
  [/^psi_io_some$/, radarWords.axes.ioPressure, "whole"],
  [/^net_.+_rx_bytes$/, radarWords.axes.received, "most"],
  [/^net_.+_tx_bytes$/, radarWords.axes.sent, "most"],
];

function radarFigure(subjects: readonly Subject[], quantities: readonly Quantity[]): Figure | null {
  const axes = radarAxes.flatMap(([pattern, label, scale]) => {
    const quantity = quantities.find(({ name }) => pattern.test(name));
    if (quantity === undefined) return [];
    const p95s = subjects.map((_, at) => quantity.summaries[at]?.p95 ?? NaN);
    const most = p95s.reduce((high, value) => (value > high ? value : high), 0);
    const end = scale === "whole" ? 100 : most;
    return end > 0
      ? [{ label, quantity, p95s, percents: p95s.map((p95) => (100 * p95) / end) }]
      : [];
  });
  if (axes.length < 3) return null;
  const { title, note } = radarWords;
  const id = "chart-compare-radar";
  const description = axes
    .map(({ label, quantity, p95s }) => {
      const values = subjects.map(
        (subject, at) => `${subject.label} ${formatValue(p95s[at] ?? NaN, quantity.unit)}`,
      );
      return radarWords.describe(label, values);
    })
    .join(" ");
  return {
    kind: "figure",
    id,
    title,
    description,
    note,
    chart: radarChart({
      id,
      title,
      description,
      layout: "fluid",
      axes: axes.map(({ label }) => label),
      series: subjects.map(({ label }, at) => {
        return { label, percents: axes.map(({ percents }) => percents[at] ?? NaN) };
      }),
    }),
  };
}
