import { basename } from "node:path";
import { createCsvRenderer, type CsvRenderer } from "@perfanalysis/contract/csv/write";
import { ExitError, exitCodes } from "../exit.ts";
import type { DeviceFilters } from "../sampling/devices.ts";
import { toMachineId } from "../sampling/host.ts";
import { OutputFile } from "./output-file.ts";
import { createRates } from "./rates.ts";
import { readCapture, type CaptureSummary } from "./read.ts";
import { Rows } from "./rows.ts";
import type { StatisticName, Statistics } from "./statistics.ts";

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
  /** Whose samples they are; null: as the captures say. */
  machineId: string | null;
  /** Which values of samples that have several; null: those of the whole interval. */
  statistic?: StatisticName | null;
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
  /** Whole Unix seconds; null where there is no row. */
  startS: number | null;
  endS: number | null;
}

interface ScannedInput extends CaptureInput {
  machineId: string | null;
  firstTimeMs: number;
  columns: ReadonlySet<string>;
}

const blockRows = 512;

/**
 * Writes the CSV standard: a row a sample, the captures one behind the other in the order of time. The inputs are read twice: the
 * header of the CSV names every device that any of them has.
 * @throws SyntaxError naming file and line of damage, ExitError and the system's errors; then no file is left behind.
 */
export async function convertToCsv(output: string, options: ConvertOptions): Promise<CsvSummary> {
  const scanned = await scanInputs(options);
  const machineId = options.machineId ?? findMachineId(scanned, options.report);
  const { statistic = null } = options;
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
    const writer = new RowWriter(file, { renderer, machineId, statistic });
    const inputs: InputSummary[] = [];
    for (const { name, path } of scanned) {
      const summary = await readCapture(path, {
        name,
        visitor: {
          run: (run) => writer.rows.startRun(run),
          layout: (layout) => writer.setLayout(layout),
          columns: (names) => writer.setStatisticColumns(names),
          statistics: (statistics) => writer.setStatistics(statistics),
          sample: (sample) => writer.add(sample),
          afterChunk: options.onProgress,
        },
        skipDamaged: options.skipDamaged,
        filters: options.filters,
      });
      inputs.push({ input: name, ...summary });
    }
    writer.flush();
    file.commit();
    return { inputs, machineId, columns: renderer.columns.length, ...writer.summary };
  } catch (error) {
    file.discard();
    throw error;
  }
}

/** What must be known of the inputs before they are converted, in the order of time. */
export async function scanInputs(
  options: Omit<ConvertOptions, "machineId" | "report">,
): Promise<ScannedInput[]> {
  const scanned: ScannedInput[] = [];
  for (const input of options.inputs) scanned.push(await scanInput(input, options));
  return scanned.toSorted((left, right) => left.firstTimeMs - right.firstTimeMs);
}

async function scanInput(
  input: CaptureInput,
  options: Omit<ConvertOptions, "machineId" | "report">,
): Promise<ScannedInput> {
  const { statistic = null } = options;
  const columns = new Set<string>();
  let machineId: string | null = null;
  let firstTimeMs = Number.POSITIVE_INFINITY;
  await readCapture(input.path, {
    name: input.name,
    visitor: {
      run: (run) => {
        machineId = run.machineId;
      },
      layout: (layout) => {
        if (statistic !== null) return;
        for (const column of createRates(layout).columns) columns.add(column);
      },
      columns: (names) => {
        if (statistic === null) return;
        for (const column of names) columns.add(column);
      },
      sample: ({ timeMs }) => {
        firstTimeMs = Math.min(firstTimeMs, timeMs);
      },
      afterChunk: options.onProgress,
    },
    skipDamaged: options.skipDamaged,
    filters: options.filters,
    devicesOnly: true,
  });
  return { ...input, machineId, firstTimeMs, columns };
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
      "Cannot tell whose samples these are: perfcollector2's captures do not say; give --machine-id",
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

/** Collects rows in columns, and writes them by the block. */
class RowWriter {
  readonly rows = new Rows();
  readonly summary: Omit<CsvSummary, "inputs" | "machineId" | "columns"> = {
    rows: 0,
    mergedSamples: 0,
    samplesWithoutStatistics: 0,
    startS: null,
    endS: null,
  };
  private readonly file: OutputFile;
  private readonly renderer: CsvRenderer;
  private readonly machineId: string;
  private readonly statistic: StatisticName | null;
  private readonly timestampsS = new Float64Array(blockRows);
  private names: readonly string[] = [];
  private columns: Float64Array[] = [];
  private rowCount = 0;
  /** Of the sample that comes next. */
  private statistics: Statistics | null = null;

  constructor(
    file: OutputFile,
    {
      renderer,
      machineId,
      statistic,
    }: { renderer: CsvRenderer; machineId: string; statistic: StatisticName | null },
  ) {
    this.file = file;
    this.renderer = renderer;
    this.machineId = machineId;
    this.statistic = statistic;
  }

  setLayout(layout: Parameters<Rows["setLayout"]>[0]): void {
    this.rows.setLayout(layout);
    if (this.statistic === null) this.setColumns(this.rows.columns);
  }

  setStatisticColumns(names: readonly string[]): void {
    if (this.statistic !== null) this.setColumns(names);
  }

  setStatistics(statistics: Statistics): void {
    this.statistics = statistics;
  }

  private setColumns(names: readonly string[]): void {
    this.flush();
    this.names = names;
    this.columns = names.map(() => new Float64Array(blockRows));
  }

  add(sample: Parameters<Rows["add"]>[0]): void {
    const { statistic, statistics } = this;
    this.statistics = null;
    if (!this.rows.add(sample)) {
      this.summary.mergedSamples += 1;
      return;
    }
    const values = statistic === null ? this.rows.values : statistics?.[statistic];
    if (values === undefined) {
      this.summary.samplesWithoutStatistics += 1;
      return;
    }
    const { timestampS } = this.rows;
    this.timestampsS[this.rowCount] = timestampS;
    for (let column = 0; column < this.columns.length; column += 1) {
      const cells = this.columns[column];
      if (cells !== undefined) cells[this.rowCount] = values[column] ?? Number.NaN;
    }
    this.rowCount += 1;
    this.summary.rows += 1;
    this.summary.startS ??= timestampS;
    this.summary.endS = timestampS;
    if (this.rowCount === blockRows) this.flush();
  }

  flush(): void {
    if (this.rowCount === 0) return;
    const { machineId, rowCount, timestampsS, columns } = this;
    this.file.write(
      this.renderer.renderRows({
        machineId,
        rowCount,
        timestampsS,
        columns: this.names,
        values: columns,
      }),
    );
    this.rowCount = 0;
  }
}
