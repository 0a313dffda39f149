import { createCsvRenderer } from "@perfanalysis/contract/csv/write";
import { ExitError, exitCodes } from "../exit.ts";
import { utc } from "../import/time-zone.ts";
import type { DeviceFilter, DeviceFilters } from "../sampling/devices.ts";
import type { ConvertOptions, InputSummary } from "./convert-options.ts";
import { CsvWriter } from "./csv-writer.ts";
import {
  findMachineId,
  findWindow,
  readInputs,
  scanInputs,
  toReadOptions,
  type Without,
} from "./inputs.ts";
import { OutputFile } from "./output-file.ts";
import { readRows } from "./read-rows.ts";
import type { createResampler as CreateResampler } from "./resample.ts";
import type { RowSink } from "./row-sink.ts";
import type { StatisticName } from "./statistics.ts";
import { isInWindow, resolveWindow, type TimeWindow } from "./time-window.ts";

export interface CsvSummary {
  inputs: InputSummary[];
  machineId: string;
  rows: number;
  columns: number;
  /** Samples that gave no row of their own: they are from the same second as another, from little before it, or of a clock never set. */
  mergedSamples: number;
  /** How often a row stands behind later ones: the clock was set back. */
  timesBack: number;
  /** Of these those that are in the row of another input's. */
  sharingSamples: number;
  /** Samples that gave no row, since they do not have the statistic. */
  samplesWithoutStatistics: number;
  /** Rows before and behind the wanted time, and from when to when, in whole Unix seconds; null where there is none. */
  outside: { rows: number; startS: number; endS: number } | null;
  /** Whole Unix seconds; null where there is no row. */
  startS: number | null;
  endS: number | null;
}

/** Thrown where an input comes to have columns that the header, which is written by then, lacks. */
class NewColumnsError extends Error {}

/**
 * Writes the CSV standard: a row a sample, or one per interval, in the order of time but where a clock was set back. The header names every device that any of the
 * inputs has, for which they are read once more before; a single input that does not change its devices is read once only.
 * @throws SyntaxError naming file and line of damage, ExitError and the system's errors; then no file is left behind.
 */
export async function convertToCsv(output: string, options: ConvertOptions): Promise<CsvSummary> {
  const summary = await convertInOnePass(output, options);
  if (summary !== null) return summary;
  const scanned = await scanInputs(options);
  const machineId = options.machineId ?? findMachineId(scanned, options.report);
  const columns = new Set(scanned.flatMap((input) => [...input.columns]));
  const { statistic = null } = options;
  if (statistic !== null && columns.size === 0) {
    throw new ExitError(
      exitCodes.badData,
      `Cannot convert to the ${statistic} of each interval: the captures hold no statistics; pcc writes them with --fast`,
    );
  }
  const window = findWindow(scanned, options);
  const file = new OutputFile(output);
  try {
    const csv = new CsvOutput(file, {
      ...options,
      machineId,
      columns,
      window,
      ...(await loadResampling(options)),
    });
    const { inputs, without } = await readInputs(scanned, { ...options, sink: csv.sink });
    return csv.commit(inputs, without);
  } catch (error) {
    file.discard();
    throw error;
  }
}

/** Whether one pass may do: what was written can be taken back, and nothing must be known of the input's end. */
export function mayBeOnePass(
  output: string,
  { inputs, from, to }: Pick<ConvertOptions, "inputs" | "from" | "to">,
): boolean {
  const isKnown = [from, to].every(
    (bound) => bound?.kind !== "clock" && bound?.kind !== "beforeEnd",
  );
  return inputs.length === 1 && isKnown && OutputFile.isRegular(output);
}

/** Null where the input has to be read twice. */
async function convertInOnePass(
  output: string,
  options: ConvertOptions,
): Promise<CsvSummary | null> {
  const [input] = options.inputs;
  if (input === undefined || !mayBeOnePass(output, options)) return null;
  const messages: string[] = [];
  const resampling = await loadResampling(options);
  const { from = null, to = null, timeZone = utc } = options;
  // These borders need no knowledge of the input's beginning and end.
  const window = resolveWindow({ from, to }, { startS: 0, endS: 0, timeZone });
  const without: Without = { row: 0, statistics: 0, sharing: 0 };
  const file = new OutputFile(output);
  let machineId: string | null = null;
  let columns: ReadonlySet<string> = new Set();
  let csv: CsvOutput | null = null;
  const open = (names: readonly string[]): CsvOutput => {
    columns = new Set(names);
    const id =
      options.machineId ??
      findMachineId([{ ...input, machineId }], (message) => messages.push(message));
    return new CsvOutput(file, { ...options, ...resampling, machineId: id, columns, window });
  };
  try {
    const summary = await readRows(input.path, {
      ...toReadOptions(input, options),
      sink: {
        setColumns(names) {
          csv ??= open(names);
          if (names.some((name) => !columns.has(name))) throw new NewColumnsError();
          csv.sink.setColumns(names);
        },
        add: (timestampS, elapsedS, values) => csv?.sink.add(timestampS, elapsedS, values),
      },
      onMachine: (id) => {
        if (csv !== null && id !== machineId) throw new NewColumnsError();
        machineId = id;
      },
      onWithout: (missing) => {
        without[missing] += 1;
      },
    });
    // TypeScript does not see that the sink has set it.
    const written = csv as CsvOutput | null;
    if (written === null) throw new NewColumnsError();
    for (const message of messages) options.report(message);
    return written.commit([{ input: input.name, ...summary }], without);
  } catch (error) {
    file.discard();
    if (!(error instanceof NewColumnsError)) throw error;
    options.onMorePasses?.();
    return null;
  }
}

interface CsvOutputOptions {
  machineId: string;
  columns: ReadonlySet<string>;
  window: TimeWindow;
  intervalS?: number | null;
  statistic?: StatisticName | null;
  createResampler: typeof CreateResampler | null;
  filters: DeviceFilters;
}

/** The header, and what rows go through on their way into the file. */
class CsvOutput {
  readonly sink: WindowSink;
  private readonly file: OutputFile;
  private readonly filters: DeviceFilters;
  private readonly machineId: string;
  private readonly columnCount: number;
  private readonly writer: CsvWriter;

  constructor(
    file: OutputFile,
    {
      machineId,
      columns,
      window,
      intervalS = null,
      statistic = null,
      createResampler,
      filters,
    }: CsvOutputOptions,
  ) {
    const renderer = createCsvRenderer(columns);
    file.write(renderer.renderHeader());
    this.file = file;
    this.filters = filters;
    this.machineId = machineId;
    this.columnCount = renderer.columns.length;
    this.writer = new CsvWriter(file, renderer, machineId);
    const resampled =
      intervalS === null || createResampler === null
        ? this.writer
        : createResampler(this.writer, { intervalS, statistic, window });
    this.sink = new WindowSink(resampled, window);
  }

  /** There are no more rows, and the file is complete. */
  commit(inputs: InputSummary[], without: Without): CsvSummary {
    this.sink.end();
    const { rows, lateRows, timesBack, startS, endS, hasValues } = this.writer;
    if (rows > 0 && !hasValues) throw createEmptyError(inputs, this.filters);
    this.file.commit();
    return {
      inputs,
      machineId: this.machineId,
      columns: this.columnCount,
      rows,
      mergedSamples: without.row + without.sharing + lateRows,
      timesBack,
      sharingSamples: without.sharing,
      samplesWithoutStatistics: without.statistics,
      outside: this.sink.outside,
      startS,
      endS,
    };
  }
}

/** A CSV that only says when something was measured looks like one that holds what. */
function createEmptyError(inputs: readonly InputSummary[], filters: DeviceFilters): ExitError {
  const names = inputs.map(({ input }) => input).join(", ");
  const skipped = [...new Set(inputs.flatMap((summary) => Object.keys(summary.skipped)))];
  const others = skipped.length === 0 ? "" : `; not known: ${skipped.slice(0, 10).join(", ")}`;
  const isFiltered = Object.values(filters).some(
    ({ include, exclude }: DeviceFilter) => include !== undefined || exclude !== undefined,
  );
  const left = isFiltered ? "; of devices, --include-… and --exclude-… may leave none" : "";
  return new ExitError(
    exitCodes.badData,
    `Cannot convert ${names}: none of the columns has a value${others}${left}`,
  );
}

async function loadResampling({
  intervalS = null,
}: ConvertOptions): Promise<Pick<CsvOutputOptions, "createResampler">> {
  return intervalS === null ? { createResampler: null } : import("./resample.ts");
}

/** Lets rows of the wanted time through. */
class WindowSink implements RowSink {
  outside: CsvSummary["outside"] = null;
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
      this.outside ??= { rows: 0, startS: timestampS, endS: timestampS };
      this.outside.rows += 1;
      this.outside.endS = timestampS;
    }
  }

  end(): void {
    this.sink.end();
  }
}
