import { basename } from "node:path";
import { createCsvRenderer } from "@perfanalysis/contract/csv/write";
import { ExitError, exitCodes } from "../exit.ts";
import { utc, type TimeZone } from "../import/time-zone.ts";
import type { DeviceFilters } from "../sampling/devices.ts";
import { toMachineId } from "../sampling/host.ts";
import { CsvWriter } from "./csv-writer.ts";
import { mergeRows, type RowProducer } from "./merge-rows.ts";
import { OutputFile } from "./output-file.ts";
import { readRows, scanRows, type Scan } from "./read-rows.ts";
import type { CaptureSummary, InputFormat } from "./read.ts";
import { createResampler } from "./resample.ts";
import type { RowSink } from "./row-sink.ts";
import { Rows } from "./rows.ts";
import type { StatisticName } from "./statistics.ts";
import {
  allTime,
  isInWindow,
  resolveWindow,
  type TimeBound,
  type TimeWindow,
} from "./time-window.ts";

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
  /** For people, where something is out of the ordinary. */
  report: (message: string) => void;
}

export interface InputSummary extends CaptureSummary {
  input: string;
}

export interface CsvSummary {
  inputs: InputSummary[];
  machineId: string;
  rows: number;
  columns: number;
  /** Samples that gave no row: they are from the same second as the row before, from before it, or of a clock never set. */
  mergedSamples: number;
  /** Samples that gave no row, since they do not have the statistic. */
  samplesWithoutStatistics: number;
  /** Rows before and behind the wanted time. */
  rowsOutside: number;
  /** Whole Unix seconds; null where there is no row. */
  startS: number | null;
  endS: number | null;
}

type ScannedInput = CaptureInput & Scan;

type ScanOptions = Pick<
  ConvertOptions,
  "inputs" | "inputFormat" | "timeZone" | "statistic" | "skipDamaged" | "filters" | "onProgress"
>;

/**
 * Writes the CSV standard: a row a sample, or one per interval, in the order of time. The inputs are read twice: the header of the
 * CSV names every device that any of them has.
 * @throws SyntaxError naming file and line of damage, ExitError and the system's errors; then no file is left behind.
 */
export async function convertToCsv(output: string, options: ConvertOptions): Promise<CsvSummary> {
  const scanned = await scanInputs(options);
  const machineId = options.machineId ?? findMachineId(scanned, options.report);
  const window = findWindow(scanned, options);
  const { intervalS = null, statistic = null } = options;
  const columns = new Set(scanned.flatMap((input) => [...input.columns]));
  if (statistic !== null && columns.size === 0) {
    throw new ExitError(
      exitCodes.badData,
      `Cannot convert to the ${statistic} of each interval: the captures hold no statistics; pcc writes them with --fast`,
    );
  }
  const renderer = createCsvRenderer(columns);
  const file = new OutputFile(output);
  try {
    file.write(renderer.renderHeader());
    const writer = new CsvWriter(file, renderer, machineId);
    const resampled =
      intervalS === null ? writer : createResampler(writer, { intervalS, statistic, window });
    const sink = new WindowSink(resampled, window);
    const { inputs, without } = await readInputs(scanned, { ...options, sink });
    sink.end();
    const { rows, lateRows, startS, endS } = writer;
    if (rows > 0 && !writer.hasValues) throw createEmptyError(inputs);
    file.commit();
    return {
      inputs,
      machineId,
      columns: renderer.columns.length,
      rows,
      mergedSamples: without.row + lateRows,
      samplesWithoutStatistics: without.statistics,
      rowsOutside: sink.rowsOutside,
      startS,
      endS,
    };
  } catch (error) {
    file.discard();
    throw error;
  }
}

/** A CSV that only says when something was measured looks like one that holds what. */
function createEmptyError(inputs: readonly InputSummary[]): ExitError {
  const names = inputs.map(({ input }) => input).join(", ");
  const skipped = [...new Set(inputs.flatMap((summary) => Object.keys(summary.skipped)))];
  const others = skipped.length === 0 ? "" : `; not known: ${skipped.slice(0, 10).join(", ")}`;
  return new ExitError(
    exitCodes.badData,
    `Cannot convert ${names}: none of the columns has a value${others}`,
  );
}

/** Whether inputs that are read once must be read before that: their order or their end must be known first. */
export function isScanned({
  inputs,
  from = null,
  to = null,
}: Pick<ConvertOptions, "inputs" | "from" | "to">): boolean {
  return inputs.length > 1 || from !== null || to !== null;
}

/** The inputs in the order of time, and the part of it that is wanted. */
export async function orderInputs(
  options: ScanOptions & Pick<ConvertOptions, "from" | "to">,
): Promise<{ ordered: readonly CaptureInput[]; window: TimeWindow }> {
  if (!isScanned(options)) return { ordered: options.inputs, window: allTime };
  const scanned = await scanInputs(options);
  return { ordered: scanned, window: findWindow(scanned, options) };
}

/** What must be known of the inputs before they are converted, in the order of time. */
async function scanInputs(options: ScanOptions): Promise<ScannedInput[]> {
  const scanned: ScannedInput[] = [];
  for (const input of options.inputs) {
    const scan = await scanRows(input.path, toReadOptions(input, options));
    scanned.push({ ...input, ...scan });
  }
  return scanned.toSorted((left, right) => left.firstS - right.firstS);
}

/** The part of the time that is wanted of these inputs. */
function findWindow(
  scanned: readonly Scan[],
  { from = null, to = null, timeZone = utc }: Pick<ConvertOptions, "from" | "to" | "timeZone">,
): TimeWindow {
  // Rows have whole seconds.
  const startS = Math.floor(Math.min(...scanned.map(({ firstS }) => firstS)));
  const endS = Math.floor(Math.max(...scanned.map(({ lastS }) => lastS)));
  const isEmpty = startS > endS;
  return resolveWindow(isEmpty ? { from: null, to: null } : { from, to }, {
    startS,
    endS,
    timeZone,
  });
}

function toReadOptions({ name }: CaptureInput, options: Omit<ScanOptions, "inputs">) {
  const {
    inputFormat,
    timeZone = utc,
    statistic = null,
    skipDamaged,
    filters,
    onProgress,
  } = options;
  const format = inputFormat ?? undefined;
  return { name, format, timeZone, statistic, skipDamaged, filters, afterChunk: onProgress };
}

/** Reads inputs one behind the other, and those that overlap in time together. */
async function readInputs(
  scanned: readonly ScannedInput[],
  options: Omit<ScanOptions, "inputs"> & { sink: RowSink },
): Promise<{ inputs: InputSummary[]; without: { row: number; statistics: number } }> {
  const { sink, onProgress } = options;
  const inputs: InputSummary[] = [];
  const without = { row: 0, statistics: 0 };
  const read = async (
    input: ScannedInput,
    overriding: Pick<Parameters<typeof readRows>[1], "sink" | "rows"> &
      Partial<Pick<Parameters<typeof readRows>[1], "afterChunk">>,
  ): Promise<void> => {
    const summary = await readRows(input.path, {
      ...toReadOptions(input, options),
      ...overriding,
      onWithout: (missing) => {
        without[missing] += 1;
      },
    });
    inputs.push({ input: input.name, ...summary });
  };
  // Counters go on from the capture before within one boot.
  let rows = new Rows();
  for (const group of groupOverlapping(scanned)) {
    const [first, ...others] = group;
    if (first === undefined) continue;
    if (others.length === 0) {
      await read(first, { sink, rows });
      continue;
    }
    const ofInputs = group.map((_, index) => (index === 0 ? rows : new Rows()));
    const producers = group.map((input, index): RowProducer => {
      const own = ofInputs[index] ?? new Rows();
      return (ownSink, afterChunk) => read(input, { sink: ownSink, rows: own, afterChunk });
    });
    const columns = [...new Set(group.flatMap((input) => [...input.columns]))];
    without.row += await mergeRows(producers, { columns, sink, onProgress });
    const last = group.reduce((one, other) => (other.lastS > one.lastS ? other : one));
    rows = ofInputs[group.indexOf(last)] ?? rows;
  }
  return { inputs, without };
}

/** The inputs, sorted by their beginning, in groups of which none overlaps another. */
function groupOverlapping(scanned: readonly ScannedInput[]): ScannedInput[][] {
  const groups: ScannedInput[][] = [];
  let endS = Number.NEGATIVE_INFINITY;
  for (const input of scanned) {
    const group = groups.at(-1);
    if (group !== undefined && input.firstS <= endS) group.push(input);
    else groups.push([input]);
    endS = Math.max(endS, input.lastS);
  }
  return groups;
}

/** Lets rows of the wanted time through. */
class WindowSink implements RowSink {
  rowsOutside = 0;
  private readonly sink: RowSink;
  private readonly window: TimeWindow;

  constructor(sink: RowSink, window: TimeWindow) {
    this.sink = sink;
    this.window = window;
  }

  setColumns(columns: readonly string[]): void {
    this.sink.setColumns(columns);
  }

  add(timestampS: number, elapsedS: number | null, values: Float64Array): void {
    if (isInWindow(this.window, timestampS)) {
      this.sink.add(timestampS, elapsedS, values);
    } else {
      this.rowsOutside += 1;
    }
  }

  end(): void {
    this.sink.end();
  }
}

function findMachineId(inputs: readonly ScannedInput[], report: (message: string) => void): string {
  const found = new Set(inputs.flatMap(({ machineId }) => machineId ?? []));
  const [machineId, other] = found;
  if (other !== undefined) {
    throw new ExitError(
      exitCodes.badData,
      `Cannot convert captures of several machines into one file: they are of ${[...found].join(", ")}; convert each by itself, or give --machine-id`,
    );
  }
  if (machineId !== undefined) return machineId;
  const name = inputs[0]?.name ?? "-";
  if (name === "-") {
    throw new ExitError(
      exitCodes.usage,
      "Cannot tell whose samples these are: the input does not say; give --machine-id",
    );
  }
  const guessed = toMachineId(
    basename(name)
      .replace(/\.gz$/, "")
      .replace(/\.[^.]+$/, ""),
  );
  report(
    `the capture does not say whose it is: machine id "${guessed}" after its name; or give --machine-id`,
  );
  return guessed;
}
