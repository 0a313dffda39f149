import type { Unit } from "@perfanalysis/contract/metrics";
import { frame, type Chart, type ChartText, type Dash, type LegendEntry } from "./frame.ts";
import { toY } from "./path.ts";
import { largest } from "./time-series.ts";
import { valueAxis } from "./value-axis.ts";
import { valueXAxis } from "./x-axis.ts";

/** A vertical line that the legend names: texts beside the lines would cover one another, and bars, where values are near. */
export interface ValueMarker {
  value: number;
  label: string;
  dash: Dash;
}

export interface HistogramOptions extends ChartText {
  unit: Unit;
  /** Ascending, equally far from one another, one more than there are counts. */
  edges: ArrayLike<number>;
  /** Samples between two edges. */
  counts: ArrayLike<number>;
  /** Of which the shares are; default those that are counted. */
  total?: number;
  /** Such as percentiles. */
  markers?: readonly ValueMarker[];
}

/** How often which values occurred: a bar's height is the share of all samples between its edges. */
export function histogramChart(options: HistogramOptions): Chart {
  const { unit, edges, counts, markers = [] } = options;
  const low = edges[0] ?? 0;
  const high = edges[edges.length - 1] ?? 1;
  const total = options.total ?? Array.from(counts).reduce((sum, count) => sum + count, 0);
  const shares = Float64Array.from(counts, (count) => (total === 0 ? 0 : (100 * count) / total));
  const axis = valueAxis("percent", { low: 0, high: largest(shares) });
  const bottom = toY(0, axis.range);
  const within = markersWithin(markers, { low, high });
  let path = "";
  for (const [bin, share] of shares.entries()) {
    const y = toY(share, axis.range);
    // However rare, what occurred is seen.
    if (share > 0) path += `M${bin} ${bottom}V${Math.min(y, bottom - 3)}h1V${bottom}z`;
  }
  return {
    svg: frame(options, {
      x: valueXAxis(unit, { low, high, length: shares.length, kind: "bin" }),
      axis,
      marks: [{ label: "of the samples", color: "blue", shape: "area", path }],
      markers: within,
    }),
    legend: markersLegend(within),
  };
}

/** Those within the range, with their shares of it. */
export function markersWithin(
  markers: readonly ValueMarker[],
  { low, high }: { low: number; high: number },
): (ValueMarker & { share: number })[] {
  return markers
    .filter(({ value }) => value >= low && value <= high)
    .map((marker) => ({ ...marker, share: (marker.value - low) / (high - low) }));
}

export function markersLegend(markers: readonly ValueMarker[]): LegendEntry[] {
  return markers.map(({ label, dash }) => ({ label, color: "vermilion", shape: "line", dash }));
}
