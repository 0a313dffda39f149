import type { TimeZone } from "../import/time-zone.ts";
import type { DeviceFilters } from "../sampling/devices.ts";
import type { CaptureSummary, InputFormat } from "./read.ts";
import type { StatisticName } from "./statistics.ts";
import type { TimeBound } from "./time-window.ts";

/** A capture and what messages call it. */
export interface CaptureInput {
  /** As the user gave it. */
  name: string;
  /** Where it can be read twice. */
  path: string;
}

export interface ConvertOptions {
  /** Of one machine, in any order. */
  inputs: readonly CaptureInput[];
  /** What the inputs are; null: as each one's beginning says. */
  inputFormat?: InputFormat | null;
  /** Whose samples they are; null: as the captures say. */
  machineId: string | null;
  /** Which values of samples that have several; null: those of the whole interval. */
  statistic?: StatisticName | null;
  /** Only this part is wanted; null: from the beginning, to the end. */
  from?: TimeBound | null;
  to?: TimeBound | null;
  /** Of times that say none; UTC where none is given. */
  timeZone?: TimeZone;
  /** A row per so many seconds; null: a row per sample. */
  intervalS?: number | null;
  skipDamaged: boolean;
  filters: DeviceFilters;
  /** Called now and then, with bytes read of all inputs and passes. */
  onProgress: (bytesRead: number) => Promise<void>;
  /** Called where the input has to be read twice more than was thought. */
  onMorePasses?: () => void;
  /** For people, where something is out of the ordinary. */
  report: (message: string) => void;
}

export interface InputSummary extends CaptureSummary {
  input: string;
}
