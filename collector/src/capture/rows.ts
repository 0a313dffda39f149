import { isCsvTime } from "@perfanalysis/contract/csv/times";
import type { Layout, Sample } from "../sampling/layout.ts";
import { Intervals, type IntervalsOptions, type Run } from "./intervals.ts";
import type { Interval } from "./formula.ts";
import { createRates, type Rates } from "./rates.ts";

/** Turns samples into rows of the catalogue's metrics, one after the other; see `Intervals`. */
export class Rows {
  private readonly intervals: Intervals;
  private rates: Rates = { columns: [], compute() {} };
  /** The last row: a value per column, NaN for a gap. Overwritten by the next, replaced with the layout. */
  values: Float64Array = new Float64Array(0);
  /** Seconds that the last row's rates are measured over; NaN where there was no sample before. */
  elapsedS = Number.NaN;

  constructor(options: IntervalsOptions = {}) {
    this.intervals = new Intervals(options);
  }

  get columns(): readonly string[] {
    return this.rates.columns;
  }

  /** Whole Unix seconds of the last row. */
  get timestampS(): number {
    return this.intervals.timestampS;
  }

  startRun(run: Run): void {
    this.intervals.startRun(run);
  }

  setLayout(layout: Layout): void {
    this.intervals.setLayout(layout);
    this.rates = createRates(layout);
    this.values = new Float64Array(this.rates.columns.length);
  }

  allowEarlierTime(): void {
    this.intervals.allowEarlierTime();
  }

  /** Whether the sample gave a row. One of a clock that was never set gives none: the CSV standard has no such time. */
  add(sample: Sample): boolean {
    return isCsvTime(sample.timeMs / 1000) && this.intervals.add(sample, this.compute);
  }

  private readonly compute = (interval: Interval): void => {
    this.elapsedS = interval.elapsedS;
    this.rates.compute(interval, this.values);
  };
}
