import type { Unit } from "@perfanalysis/contract/metrics";
import { frame, type Chart, type ChartText } from "./frame.ts";
import { markersLegend, markersWithin, type ValueMarker } from "./histogram.ts";
import { toY } from "./path.ts";
import { percentAxis } from "./value-axis.ts";
import { valueXAxis } from "./x-axis.ts";

export interface EcdfOptions extends ChartText {
  unit: Unit;
  /** Values ascending, and the share (0–1) of samples up to each: a few hundred points are plenty. */
  values: ArrayLike<number>;
  shares: ArrayLike<number>;
  /** Such as percentiles. */
  markers?: readonly ValueMarker[];
}

/** As fine as the plot is wide. */
const units = 800;

/** Which share of the samples was at most how large: percentiles are read off it. */
export function ecdfChart(options: EcdfOptions): Chart {
  const { unit, values, shares, markers = [] } = options;
  const axis = percentAxis();
  const low = values[0] ?? 0;
  const most = values[values.length - 1] ?? 1;
  const high = most > low ? most : low + 1;
  const within = markersWithin(markers, { low, high });
  let path = `M0 ${toY(0, axis.range)}`;
  let before = { x: 0, y: toY(0, axis.range) };
  for (let index = 0; index < values.length; index++) {
    const x = Math.round((units * ((values[index] ?? NaN) - low)) / (high - low));
    const y = toY(100 * (shares[index] ?? NaN), axis.range);
    if (y === before.y) continue;
    path += `h${x - before.x}V${y}`;
    before = { x, y };
  }
  if (before.x < units) path += `h${units - before.x}`;
  return {
    svg: frame(options, {
      x: valueXAxis(unit, { low, high, length: units, kind: "value" }),
      axis,
      marks: [{ label: "of the samples", color: "blue", shape: "line", path }],
      markers: within,
    }),
    legend: markersLegend(within),
  };
}
