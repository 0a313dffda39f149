import { countThat } from "../count-of.ts";
import { messageOf } from "../message-of.ts";

/** Trouble that comes and goes is told once in this time. */
const restUs = 600e6;

/** Samples that could not be written, and what people are told of them. */
export class LostSamples {
  /** Since the last one that could. */
  count = 0;
  private readonly path: string;
  private readonly report: (message: string) => void;
  private toldUs = Number.NEGATIVE_INFINITY;
  /** Since they were told. */
  private untold = 0;
  private isTold = false;

  constructor(path: string, report: (message: string) => void) {
    this.path = path;
    this.report = report;
  }

  add(error: unknown, monotonicUs: number): void {
    this.count += 1;
    this.untold += 1;
    if (this.isTold || monotonicUs - this.toldUs < restUs) return;
    this.toldUs = monotonicUs;
    this.isTold = true;
    this.report(`Cannot write ${this.path}: ${messageOf(error)}; trying again`);
  }

  /** A sample was written. */
  end(): void {
    this.count = 0;
    if (!this.isTold) return;
    this.report(`${this.path}: writing again; ${countThat(this.untold, "sample")} lost`);
    this.untold = 0;
    this.isTold = false;
  }

  /** There will be no more of them. */
  tellEnd(): void {
    if (this.count > 0)
      this.report(`${this.path}: the last ${countThat(this.count, "sample")} lost`);
  }
}
