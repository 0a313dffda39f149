import {
  createLayout,
  moveValues,
  noDevices,
  type Layout,
  type Sample,
} from "../sampling/layout.ts";
import type { Interval } from "./formula.ts";

/** What must be known of a run of pcc to tell whether counters go on. */
export interface Run {
  bootId: string | null;
  intervalMs: number | null;
}

export interface IntervalsOptions {
  /** By more than a minute, for whoever takes rows out of order; default false. */
  mayGoBack?: boolean;
}

/** A clock that was set back by as little is waited for: nothing that was counted meanwhile is lost, and no second comes twice. */
export const mostWaitS = 60;

/** A clock set by less than this between two runs of one boot is the same clock. */
const maxClockDriftMs = 1000;

/**
 * Makes intervals of samples, one after the other. The first sample's interval has NaN before it, and so has the first one after a
 * boot.
 *
 * A sample in the same whole second as the one before makes no interval: what it counted is in the next one's. Nor does one from before
 * it, as when the clock was set back, unless that is far and times may go back.
 */
export class Intervals {
  private readonly mayGoBack: boolean;
  /** Of the samples that come. */
  layout: Layout = createLayout(noDevices);
  private before: Float64Array = new Float64Array(0);
  private beforeUs = Number.NaN;
  private beforeMs = Number.NaN;
  private run: Run = { bootId: null, intervalMs: null };
  /** Counters go on over a time as long as this without samples. */
  private longestMs = 0;
  /** A run of the same boot has started, and its first sample has not come. */
  private resumes = false;
  /** Whole Unix seconds of the last interval's end. */
  timestampS = Number.NEGATIVE_INFINITY;

  constructor({ mayGoBack = false }: IntervalsOptions = {}) {
    this.mayGoBack = mayGoBack;
  }

  /** Counters go on over a restart within one boot if no more than two intervals passed, of the longer kind; otherwise they start anew. */
  startRun(run: Run): void {
    this.longestMs = 2 * Math.max(run.intervalMs ?? 0, this.run.intervalMs ?? 0);
    this.resumes = run.bootId !== null && run.bootId === this.run.bootId;
    if (!this.resumes) this.forget();
    this.run = run;
  }

  setLayout(layout: Layout): void {
    this.before = moveValues(this.before, this.layout, layout);
    this.layout = layout;
  }

  /** After the clock was set back, intervals go on from the earlier time. */
  allowEarlierTime(): void {
    this.timestampS = Number.NEGATIVE_INFINITY;
  }

  /** Calls `use` and answers true, or answers false where the sample makes no interval. */
  add({ timeMs, monotonicUs, values }: Sample, use: (interval: Interval) => void): boolean {
    const timestampS = Math.floor(timeMs / 1000);
    if (this.resumes) {
      this.resumes = false;
      if (!this.goesOn(timeMs, monotonicUs)) this.forget();
    }
    const isFarBack = this.timestampS - timestampS > mostWaitS;
    if (timestampS <= this.timestampS && !(isFarBack && this.mayGoBack)) return false;
    this.timestampS = timestampS;
    const elapsedS = (monotonicUs - this.beforeUs) / 1e6;
    use({ before: this.before, after: values, elapsedS });
    this.before.set(values);
    this.beforeUs = monotonicUs;
    this.beforeMs = timeMs;
    return true;
  }

  private forget(): void {
    this.before.fill(Number.NaN);
    this.beforeUs = Number.NaN;
  }

  private goesOn(timeMs: number, monotonicUs: number): boolean {
    const elapsedMs = (monotonicUs - this.beforeUs) / 1000;
    const driftMs = timeMs - this.beforeMs - elapsedMs;
    return elapsedMs <= this.longestMs && Math.abs(driftMs) <= maxClockDriftMs;
  }
}
