import type { Fault } from "@perfanalysis/contract/problem";
import type { MachineFacts } from "./machine-facts.ts";
import type { Corrections, Samples } from "./samples.ts";

/** One of the captures that a series is made of, and by what its machine is told from another; null is what nobody told. */
export interface CaptureOrigin {
  /** What messages call it. */
  name: string;
  /** Unix seconds of its earliest sample and its latest. */
  firstS: number | null;
  lastS: number | null;
  hostName: string | null;
  /** Unix seconds; the rest, too, is as it was at the end. */
  bootTimeS: number | null;
  cpuModel: string | null;
  /** Online. */
  cpuCount: number | null;
  memoryBytes: number | null;
}

/** What a report is made of, whatever it was read from. */
export interface Input {
  samples: Samples;
  corrections: Corrections;
  facts: MachineFacts;
  /** Machines of the input and their rows, in order of appearance. */
  machines: ReadonlyMap<string, number>;
  /** In the order of time; empty where the input is no capture. */
  captures: readonly CaptureOrigin[];
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
