import type { Fault } from "@perfanalysis/contract/problem";
import type { MachineFacts } from "./machine-facts.ts";
import type { Corrections, Samples } from "./samples.ts";

/** What a report is made of, whatever it was read from. */
export interface Input {
  samples: Samples;
  corrections: Corrections;
  facts: MachineFacts;
  /** Machines of the input and their rows, in order of appearance. */
  machines: ReadonlyMap<string, number>;
  unknownColumns: string[];
  warnings: string[];
  /** Of the input as it came, before decompression. */
  byteCount: number;
  sha256: string;
}

/** The input is not what it should be. `faults` say where; there may be more of them than are described. */
export class DataError extends Error {
  readonly faults: readonly Fault[];
  constructor(message: string, options: { faults?: readonly Fault[]; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.faults = options.faults ?? [];
  }
}
