import { isCsvTime } from "@perfanalysis/contract/csv/times";
import type { CpuInfo } from "../procfs/cpuinfo.ts";
import { createSignWatch, type MachineSigns } from "./machine-signs.ts";
import { createRates } from "./rates.ts";
import { readCapture, type CaptureSummary, type InputFormat, type ReadOptions } from "./read.ts";
import type { RowSink } from "./row-sink.ts";
import { Rows } from "./rows.ts";
import type { StatisticName, Statistics } from "./statistics.ts";

type RowReadOptions = Omit<ReadOptions, "visitor" | "devicesOnly"> & {
  /** Which values of samples that have several; null: those of the whole interval. */
  statistic: StatisticName | null;
  afterChunk: (bytesRead: number) => Promise<void>;
};

/** What must be known of an input before it is converted. */
export interface Scan {
  format: InputFormat;
  machineId: string | null;
  /** Unix seconds of the earliest and the latest sample; infinite where there is none. */
  firstS: number;
  lastS: number;
  columns: ReadonlySet<string>;
}

/** Reads what columns an input has, and from when to when. */
export async function scanRows(path: string, options: RowReadOptions): Promise<Scan> {
  const columns = new Set<string>();
  let machineId: string | null = null;
  let firstS = Number.POSITIVE_INFINITY;
  let lastS = Number.NEGATIVE_INFINITY;
  const noticeTime = (timeS: number): void => {
    if (!isCsvTime(timeS)) return;
    if (timeS < firstS) firstS = timeS;
    if (timeS > lastS) lastS = timeS;
  };
  let known: readonly string[] = [];
  const noticeColumns = (names: readonly string[]): void => {
    if (names === known) return;
    known = names;
    for (const name of names) columns.add(name);
  };
  const { format } = await readCapture(path, {
    ...options,
    visitor: {
      run: (run) => {
        machineId = run.machineId;
      },
      layout: (layout) => {
        if (options.statistic === null) noticeColumns(createRates(layout).columns);
      },
      columns: (names) => {
        if (options.statistic !== null) noticeColumns(names);
      },
      sample: ({ timeMs }) => noticeTime(timeMs / 1000),
      importedRow: (row) => {
        if (options.statistic === null) noticeColumns(row.columns);
        noticeTime(row.timestampS);
      },
      afterChunk: options.afterChunk,
    },
    devicesOnly: true,
  });
  return { format, machineId, firstS, lastS, columns };
}

export interface RowSummary extends CaptureSummary {
  signs: MachineSigns;
}

/**
 * Gives the input's rows, in its order: they ascend in time but where the clock was set back by more than a minute. `rows` are of the input before where the machine's counters may go on from there.
 * `onWithout` is called for a sample that gives no row, or does not have the statistic.
 */
export async function readRows(
  path: string,
  {
    sink,
    rows = new Rows({ mayGoBack: true }),
    statistic,
    onMachine,
    onCpuInfo,
    onWithout,
    ...options
  }: RowReadOptions & {
    sink: Omit<RowSink, "end">;
    rows?: Rows;
    /** Called before the first columns. */
    onMachine?: (machineId: string | null) => void;
    /** Called where a line of the input describes the processors; where it is missing, such lines are not read. */
    onCpuInfo?: ((info: CpuInfo) => void) | undefined;
    onWithout: (missing: "row" | "statistics") => void;
  },
): Promise<RowSummary> {
  const watch = createSignWatch();
  let columns: readonly string[] = [];
  /** Of the sample that comes next. */
  let statistics: Statistics | null = null;
  const useColumns = (names: readonly string[]): void => {
    if (names === columns) return;
    columns = names;
    sink.setColumns(names);
  };
  const summary = await readCapture(path, {
    ...options,
    visitor: {
      run: (run) => {
        onMachine?.(run.machineId);
        rows.startRun(run);
      },
      layout: (layout) => {
        rows.setLayout(layout);
        watch.layout(layout);
        if (statistic === null) useColumns(rows.columns);
      },
      columns: (names) => {
        if (statistic !== null) useColumns(names);
      },
      statistics: (next) => {
        statistics = next;
      },
      sample: (sample) => {
        watch.sample(sample);
        const given = statistics;
        statistics = null;
        if (!rows.add(sample)) onWithout("row");
        else if (statistic === null) {
          sink.add(rows.timestampS, rows.elapsedS, rows.values);
        } else if (given === null) onWithout("statistics");
        else {
          useColumns(given.columns);
          sink.add(rows.timestampS, rows.elapsedS, given[statistic]);
        }
      },
      importedRow: (row) => {
        watch.time(row.timestampS);
        if (!isCsvTime(row.timestampS)) onWithout("row");
        else if (statistic !== null) onWithout("statistics");
        else {
          useColumns(row.columns);
          sink.add(row.timestampS, row.elapsedS, row.values);
        }
      },
      ...(onCpuInfo === undefined
        ? {}
        : {
            cpuInfo: (info: CpuInfo) => {
              watch.cpuInfo(info);
              onCpuInfo(info);
            },
          }),
      afterChunk: options.afterChunk,
    },
  });
  return { ...summary, signs: watch.signs() };
}
