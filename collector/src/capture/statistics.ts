// What happened within an interval: least, mean and greatest value of each metric over samples that are taken faster.
import {
  createLayout,
  moveValues,
  noDevices,
  type Layout,
  type Sample,
} from "../sampling/layout.ts";
import { round } from "./formula.ts";
import { createRates, type Rates } from "./rates.ts";

export const statisticNames = ["min", "mean", "max"] as const;
export type StatisticName = (typeof statisticNames)[number];

/** A value per column, NaN where none of the samples had one. */
export interface Statistics extends Record<StatisticName, Float64Array> {
  /** Names by the CSV standard. */
  columns: readonly string[];
  /** Of the sample that ends the interval. */
  timeMs: number;
  /** Samples that were taken. */
  samples: number;
  /** Samples that nobody had the time to take. */
  missed: number;
}

interface Totals {
  min: Float64Array;
  max: Float64Array;
  sum: Float64Array;
  /** A column is counted where it was measured only. */
  count: Float64Array;
}

export class StatisticsCollector {
  private layout: Layout = createLayout(noDevices);
  private rates: Rates = createRates(this.layout);
  private row = new Float64Array(this.rates.columns.length);
  private before: Float64Array = new Float64Array(this.layout.size).fill(Number.NaN);
  private beforeUs = Number.NaN;
  private totals = createTotals(this.rates.columns.length);
  private samples = 0;
  private missed = 0;

  /** Takes a sample in; `missed` were to be taken between the one before and this one. */
  add({ monotonicUs, values }: Sample, layout: Layout, missed: number): void {
    if (layout !== this.layout) this.setLayout(layout);
    const { row, before } = this;
    const elapsedS = (monotonicUs - this.beforeUs) / 1e6;
    this.rates.compute({ before, after: values, elapsedS }, row);
    addRow(this.totals, row);
    before.set(values);
    this.beforeUs = monotonicUs;
    this.samples += 1;
    this.missed += missed;
  }

  /** Of all samples since the last call. */
  take(timeMs: number): Statistics {
    const { samples, missed } = this;
    const { min, max, sum, count } = this.totals;
    // Without a sample it was never less than infinite.
    const finite = (values: Float64Array): Float64Array =>
      values.map((value) => (Number.isFinite(value) ? value : Number.NaN));
    const mean = sum.map((value, column) => round(value / (count[column] ?? 0)));
    const { columns } = this.rates;
    this.totals = createTotals(columns.length);
    this.samples = 0;
    this.missed = 0;
    return { columns, timeMs, samples, missed, min: finite(min), mean, max: finite(max) };
  }

  private setLayout(layout: Layout): void {
    const { columns } = this.rates;
    const totals = this.totals;
    this.before = moveValues(this.before, this.layout, layout);
    this.layout = layout;
    this.rates = createRates(layout);
    this.row = new Float64Array(this.rates.columns.length);
    this.totals = createTotals(this.rates.columns.length);
    for (const [column, name] of this.rates.columns.entries()) {
      const from = columns.indexOf(name);
      if (from === -1) continue;
      for (const key of ["min", "max", "sum", "count"] as const) {
        this.totals[key][column] = totals[key][from] ?? Number.NaN;
      }
    }
  }
}

function createTotals(length: number): Totals {
  return {
    min: new Float64Array(length).fill(Number.POSITIVE_INFINITY),
    max: new Float64Array(length).fill(Number.NEGATIVE_INFINITY),
    sum: new Float64Array(length),
    count: new Float64Array(length),
  };
}

function addRow({ min, max, sum, count }: Totals, row: Float64Array): void {
  for (let column = 0; column < row.length; column += 1) {
    const value = row[column] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    min[column] = Math.min(min[column] ?? value, value);
    max[column] = Math.max(max[column] ?? value, value);
    sum[column] = (sum[column] ?? 0) + value;
    count[column] = (count[column] ?? 0) + 1;
  }
}
