// What rules and sections read: columns and the quantities derived from them, under one name space.
import type { Unit } from "@perfanalysis/contract/metrics";
import type { Samples } from "../data/samples.ts";
import { measureTiming, type Timing } from "../data/timing.ts";
import { deriveMeasures } from "./derived.ts";
import { joinBuckets, totalOf, type Buckets } from "./buckets.ts";
import { courseSpan, type CourseSpan } from "./course.ts";
import { createMinuteGrid, findSkipped, toMinutes, type Minutes } from "./episodes.ts";
import { createRowGrid, toBuckets } from "./row-grid.ts";
import { summarize, type SampleTimes, type Summary } from "./summary.ts";

/** A series with its meaning: a column of the CSV, or a quantity derived from several. */
export interface Measure {
  /** Column name of the CSV standard, or the name in `derived.ts`. */
  name: string;
  label: string;
  help: string;
  unit: Unit;
  /** CPU number, disk or interface; null for the machine as a whole. */
  device: string | null;
  /** By sample; NaN is a gap. Of many samples they are read or computed anew when asked for: ask once, and let go. */
  readonly values: Float64Array;
}

export interface Dataset {
  machineId: string;
  timestampsS: Float64Array;
  timing: Timing;
  /** The file's columns in its order. */
  columns: readonly Measure[];
  /** Online CPUs, told by their columns; null where the file has none per CPU. */
  cpuCount: number | null;
  /** A column or derived quantity with at least one measured value; null where there is none. */
  measure(name: string): Measure | null;
  /** Statistics of such a measure, computed once. */
  summary(measure: Measure): Summary;
  /** Of other values of its samples. */
  summarize(values: Float64Array): Summary;
  /** Its means over minutes, which rules judge, computed once. */
  minutes(measure: Measure): Minutes;
  /** The buckets of `course()`. */
  span: CourseSpan;
  /** How it went over the whole window, for charts. */
  course(measure: Measure): Buckets;
  /** Goes through all columns with a value. `values` hold until the call returns: then they are those of the next column. */
  eachColumn(use: (measure: Measure, values: Float64Array, summary: Summary) => void): void;
  /** A column's values in rows `from` (inclusive) to `to` (exclusive): where it lies in a file, no others are read. */
  rowsOf(column: Measure, from: number, to: number): Float64Array;
}

interface Visit {
  summary: Summary;
  minutes: Minutes;
  /** Null where it is not kept. */
  course: Buckets | null;
}

export function createDataset(samples: Samples): Dataset {
  const columns = samples.columns.map(({ name, metric, device }, index): Measure => {
    const { label, help, unit } = metric;
    return {
      name,
      label,
      help,
      unit,
      device,
      get values() {
        return samples.values[index] ?? new Float64Array();
      },
    };
  });
  const measures = new Map(columns.map((column) => [column.name, column]));
  for (const measure of deriveMeasures(measures)) measures.set(measure.name, measure);
  const { timestampsS } = samples;
  const timing = measureTiming(timestampsS);
  const times = unevenTimes(timestampsS, timing);
  const minuteGrid = createMinuteGrid(timestampsS, timing);
  const skipped = findSkipped(minuteGrid, timestampsS, timing);
  const span = courseSpan(timing);
  const isOfMinutes =
    span.bucketS % minuteGrid.bucketS === 0 &&
    (span.startS - minuteGrid.startS) % minuteGrid.bucketS === 0;
  const courseGrid = isOfMinutes ? null : createRowGrid(timestampsS, span);
  const courseOf = (measure: Measure): Buckets =>
    courseGrid === null
      ? joinBuckets(toBuckets(minuteGrid, measure.values), span)
      : toBuckets(courseGrid, measure.values);
  const visits = new Map<Measure, Visit>();

  /** All at once: the values may have to be read from a file, and most measures are asked for all of it. */
  function visit(measure: Measure, values = measure.values): Visit {
    const buckets = toBuckets(minuteGrid, values);
    const visited = {
      summary: summarize(values, times, totalOf(buckets)),
      minutes: toMinutes(minuteGrid, { timestampsS, values, buckets, timing, skipped }),
      course: isOfMinutes && !isOfOneCpu(measure) ? joinBuckets(buckets, span) : null,
    };
    visits.set(measure, visited);
    return visited;
  }
  function eachColumn(use: Parameters<Dataset["eachColumn"]>[0]): void {
    const room = samples.readColumn && new Float64Array(timestampsS.length);
    for (const [index, measure] of columns.entries()) {
      if (room !== undefined) samples.readColumn?.(index, room);
      const values = room ?? measure.values;
      const known = visits.get(measure) ?? visit(measure, values);
      if (known.summary.count > 0) use(measure, values, known.summary);
    }
  }
  function rowsOf(column: Measure, from: number, to: number): Float64Array {
    if (samples.readColumn === undefined) return column.values.subarray(from, to);
    const rows = new Float64Array(to - from);
    samples.readColumn(columns.indexOf(column), rows, from);
    return rows;
  }
  const summary = (measure: Measure): Summary => (visits.get(measure) ?? visit(measure)).summary;
  return {
    machineId: samples.machineId,
    timestampsS,
    timing,
    columns,
    cpuCount: countCpus(columns),
    measure(name) {
      const measure = measures.get(name);
      return measure !== undefined && summary(measure).count > 0 ? measure : null;
    },
    summary,
    summarize: (values) => summarize(values, times),
    minutes: (measure) => (visits.get(measure) ?? visit(measure)).minutes,
    span,
    course: (measure) => visits.get(measure)?.course ?? courseOf(measure),
    eachColumn,
    rowsOf,
  };
}

/** Null where each sample stands for one interval, so that all of them weigh the same. */
function unevenTimes(
  timestampsS: Float64Array,
  { intervalS, distances, gaps }: Timing,
): SampleTimes | null {
  if (intervalS === null) return null;
  const unlike = timestampsS.length - 1 - (distances.get(intervalS) ?? 0);
  return unlike === gaps.length ? null : { timestampsS, intervalS, gaps };
}

/** There may be hundreds, and few of them are shown over time. */
function isOfOneCpu({ name }: Measure): boolean {
  return /^cpu\d/.test(name);
}

function countCpus(columns: readonly Measure[]): number | null {
  const cpus = new Set(
    columns.filter(({ name }) => /^cpu\d+_idle$/.test(name)).map(({ device }) => device),
  );
  return cpus.size === 0 ? null : cpus.size;
}
