// What every formula of rates is made of. NaN is a gap, and goes through every formula by itself: a device that was not there
// before, a source that failed, and the first sample have NaN before, and so give gaps.
import { metrics, type Metric } from "@perfanalysis/contract/metrics";

/** Two samples of one layout, and the seconds that really passed between them. */
export interface Interval {
  before: Float64Array;
  after: Float64Array;
  elapsedS: number;
}

/** Sets the values of some columns, from `column` on. */
export type Formula = (interval: Interval, row: Float64Array, column: number) => void;

/** Growth of a counter; NaN where it went backwards, is beyond what a double counts exactly, or was not measured. */
export function growth({ before, after }: Interval, index: number): number {
  const now = after[index] ?? Number.NaN;
  const grown = now - (before[index] ?? Number.NaN);
  return grown >= 0 && now <= Number.MAX_SAFE_INTEGER ? grown : Number.NaN;
}

/** Counters do not tell more than this: 4 decimals from 1 up, 6 below. */
export function round(value: number): number {
  if (value >= 1e9) return value;
  return value >= 1 ? Math.round(value * 1e4) / 1e4 : Math.round(value * 1e6) / 1e6;
}

export function perSecond(interval: Interval, index: number, factor = 1): number {
  return interval.elapsedS > 0
    ? round((growth(interval, index) * factor) / interval.elapsedS)
    : Number.NaN;
}

/** Whether any counter of the `length` from `offset` on went backwards; `gaugeField` is none, -1 where all are. */
export function wasReset(
  { before, after }: Interval,
  offset: number,
  length: number,
  gaugeField: number,
): boolean {
  for (let field = 0; field < length; field += 1) {
    const index = offset + field;
    if (field !== gaugeField && (after[index] ?? 0) < (before[index] ?? 0)) return true;
  }
  return false;
}

export function findMetric(name: string): Metric {
  const metric = metrics.find((candidate) => candidate.name === name);
  if (metric === undefined) throw new RangeError(`Cannot find metric "${name}" in the catalogue`);
  return metric;
}
