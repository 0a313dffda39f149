// How often which values occurred: a histogram and, beside it, the share of samples up to a value.
import { scaleLinear } from "d3-scale";
import { ecdfChart } from "../charts/ecdf.ts";
import { histogramChart, type ValueMarker } from "../charts/histogram.ts";
import { formatShare, formatValue, unitScale } from "../format.ts";
import type { Measure } from "../statistics/dataset.ts";
import { empiricalDistribution } from "../statistics/empirical-distribution.ts";
import { histogram, mergeBins } from "../statistics/histogram.ts";
import type { Summary } from "../statistics/summary.ts";
import { figure, type Context } from "./context.ts";
import type { Block } from "./model.ts";
import { texts } from "../texts/english.ts";

const wantedBins = 40;
/** Parts of a bar, for the finer steps of the cumulative curve. */
const partsOfBin = 16;
/** With fewer samples, bars show chance. */
const fewest = 50;

export interface DistributionOptions {
  measure: Measure;
  title: string;
  /** Part of the charts' ids. */
  id: string;
}

/** A row of two figures; none where there is too little to show, or but one value. */
export function distributionBlocks(context: Context, options: DistributionOptions): Block[] {
  const { measure, title, id } = options;
  const summary = context.dataset.summary(measure);
  if (summary.count < fewest || summary.max === summary.min) return [];
  const { low, high, bins } = rangeOf(measure, summary);
  const { values } = measure;
  const fine = histogram(values, { low, high, bins: bins * partsOfBin });
  const { edges, counts } = mergeBins(fine, partsOfBin);
  const markers = markersOf(measure, summary);
  const beyond = beyondNote(measure, summary, fine.above);
  const bars = figure(context, {
    id: `chart-histogram-${id}`,
    title: texts.distribution.histogram(title),
    measures: [measure],
    draw: (text) =>
      histogramChart({
        ...text,
        unit: measure.unit,
        edges,
        counts,
        total: summary.count,
        markers,
      }),
  });
  const curve = figure(context, {
    id: `chart-ecdf-${id}`,
    title: texts.distribution.curve(title),
    measures: [measure],
    draw: (text) =>
      ecdfChart({
        ...text,
        unit: measure.unit,
        ...empiricalDistribution(fine),
        markers,
      }),
  });
  const note = (text: string): string => `${text}${beyond}`;
  return [
    {
      kind: "row",
      figures: [
        { ...bars, note: note(texts.distribution.histogramNote) },
        { ...curve, note: note(texts.distribution.curveNote) },
      ],
    },
  ];
}

/** Round edges. A tail that would press all else into one bar is cut off, and told of in a note. */
function rangeOf(
  { unit }: Measure,
  { min, p99, max }: Summary,
): { low: number; high: number; bins: number } {
  const top = max > 4 * p99 && p99 > 0 ? 1.5 * p99 : max;
  const { divisor } = unitScale(unit, top);
  const from = Math.min(min, top) / divisor;
  const scale = scaleLinear([from, top / divisor], [0, 1]).nice(wantedBins);
  const [low = 0, high = 1] = scale.domain();
  const bins = Math.max(1, scale.ticks(wantedBins).length - 1);
  return { low: low * divisor, high: high * divisor, bins };
}

function markersOf({ unit }: Measure, { p50, p95, p99 }: Summary): ValueMarker[] {
  const found = [
    { value: p50, name: "p50", dash: "solid" },
    { value: p95, name: "p95", dash: "dashed" },
    { value: p99, name: "p99", dash: "dotted" },
  ] as const;
  return found.map(({ value, name, dash }) => ({
    value,
    label: `${name} ${formatValue(value, unit)}`,
    dash,
  }));
}

function beyondNote({ unit }: Measure, { count, max }: Summary, above: number): string {
  if (above === 0) return "";
  return ` ${texts.distribution.beyond(formatShare(above / count), formatValue(max, unit))}`;
}
