import type { Unit } from "@perfanalysis/contract/metrics";
import { formatCount, formatValue } from "../../format.ts";
import { normalConsistency } from "../../statistics/median-absolute-deviation.ts";
import { mostPlaces, placeAt, type Check, type CheckContext, type Place } from "../check.ts";
import { gradeOf } from "../grade.ts";
import type { ColumnScan } from "../scan.ts";

/** What no machine does, and below which no single sample is an outlier, whatever the others are. */
const impossible: Record<Unit, { floor: number; most: number }> = {
  // 80 Gbit/s in one sample is rare; 1 Tbit/s is not of this decade.
  "bytes/s": { floor: 1e10, most: 1.25e11 },
  "1/s": { floor: 1e8, most: 1e11 },
  count: { floor: 1e7, most: 1e10 },
  ms: { floor: 3.6e6, most: 1e9 },
  bytes: { floor: 1e15, most: 1e18 },
  // Beyond 100 % is out of range.
  percent: { floor: Infinity, most: Infinity },
};
/** Distances from the median, in robust standard deviations, that bursts do not reach. */
const farthest = 1000;
/** Parts of a whole: [part, whole]. */
const parts: [part: RegExp, whole: (name: string) => string][] = [
  [/^mem_(available|free)$/, () => "mem_total"],
  [/^swap_free$/, () => "swap_total"],
  [
    /^fs_.+_(free|available)_bytes$/,
    (name) => name.replace(/(free|available)_bytes$/, "size_bytes"),
  ],
];
/** Of these, the kernel never has nothing. */
const neverNothing = /^mem_(available|free)$/;

export const outliers: Check = {
  id: "outliers",
  name: "Outliers",
  looksFor: `Single samples that cannot be: more than ${farthest} robust standard deviations (1.4826·MAD, at least the distance of the 99th percentile) above the median and both neighbours below a hundredth of it, from 80 Gbit/s, 10⁸ events/s or 10⁷ things on; any beyond 1 Tbit/s; a part larger than its whole, such as more memory available than there is; no free memory at all for one sample.`,
  thresholds: "None A, up to 0.1 % of samples B, 1 % C, more D.",
  judge(context) {
    const rows = new Set<number>();
    const places: Place[] = [];
    const mark = (row: number, column: ColumnScan, value: number): void => {
      rows.add(row);
      if (places.length >= mostPlaces) return;
      const text = formatValue(value, column.metric.unit);
      places.push(placeAt(context, row, text, column.measure.name));
    };
    for (const column of context.scan.columns) {
      markSpikes(column, mark);
      markDropouts(column, mark);
      markPartsBeyondWhole(context, column, mark);
    }
    if (rows.size === 0) return { grade: "A", sentence: "No sample is beyond belief." };
    return {
      grade: gradeOf(rows.size / context.dataset.timestampsS.length, [0, 0.001, 0.01]),
      sentence: `${formatCount(rows.size, "sample")} cannot be as they are: maxima and means of these columns are not to be trusted.`,
      places,
    };
  },
};

type Mark = (row: number, column: ColumnScan, value: number) => void;

function markSpikes(column: ColumnScan, mark: Mark): void {
  const { max, p50, p99, mad } = column.summary;
  const { floor, most } = impossible[column.metric.unit];
  const spread = Math.max(normalConsistency * mad, p99 - p50, floor / farthest);
  const limit = p50 + farthest * spread;
  if (max <= most && max <= limit) return;
  const { values } = column.measure;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? NaN;
    if (!(value > limit || value > most)) continue;
    const isFar = (neighbour = NaN): boolean => !(neighbour > value / 100);
    if (value > most || (isFar(values[row - 1]) && isFar(values[row + 1]))) {
      mark(row, column, value);
    }
  }
}

function markDropouts(column: ColumnScan, mark: Mark): void {
  const { min, p50 } = column.summary;
  if (min > 0 || !(p50 > 0) || !neverNothing.test(column.measure.name)) return;
  const { values } = column.measure;
  for (let row = 1; row < values.length - 1; row++) {
    const neighbour = Math.min(values[row - 1] ?? NaN, values[row + 1] ?? NaN);
    if (values[row] === 0 && neighbour > p50 / 2) mark(row, column, 0);
  }
}

function markPartsBeyondWhole({ scan }: CheckContext, column: ColumnScan, mark: Mark): void {
  const { name } = column.measure;
  const [, wholeOf] = parts.find(([part]) => part.test(name)) ?? [];
  if (wholeOf === undefined) return;
  const whole = scan.columns.find(({ measure }) => measure.name === wholeOf(name));
  if (whole === undefined || column.summary.max <= whole.summary.min) return;
  const { values } = column.measure;
  const wholes = whole.measure.values;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? NaN;
    if (value > (wholes[row] ?? NaN)) mark(row, column, value);
  }
}
