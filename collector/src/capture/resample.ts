// Fewer rows: one per interval of the clock.
import { parseColumn } from "@perfanalysis/contract/columns";
import { round } from "./formula.ts";
import { mostWaitS } from "./intervals.ts";
import type { RowSink } from "./row-sink.ts";
import type { StatisticName } from "./statistics.ts";
import { allTime, type TimeWindow } from "./time-window.ts";

/** How one column's values become one value. */
type Mean =
  /** A reading of a moment: the mean of the readings. */
  | { kind: "gauge" }
  /** A rate: the mean by time, over the time in which it was measured. */
  | { kind: "rate" }
  /** A mean time of requests: the mean over the requests; their rates are in the columns at these places. */
  | { kind: "requests"; places: readonly number[] }
  /** The least or the greatest of least or greatest values. */
  | { kind: "min" | "max" };

/** Seconds of a row whose file does not tell what its rates are measured over. */
const unknownElapsedS = 1;

/**
 * A row per interval in which there is a row, with the time of its end: those of whole minutes are of the minute before. A row's
 * rates hold for the time since the row before it; where an interval ends in between, they count in both of them, by their part
 * of the time. Only time in the window counts. Where the clock was set back, an interval begins anew, and its row stands behind later ones.
 */
export function createResampler(
  sink: RowSink,
  {
    intervalS,
    statistic = null,
    window = allTime,
  }: { intervalS: number; statistic?: StatisticName | null; window?: TimeWindow },
): RowSink {
  let columns: readonly string[] = [];
  let means: readonly Mean[] = [];
  let bucket: Bucket | null = null;
  /** Columns that the sink knows of. */
  let sent: readonly string[] | null = null;

  return {
    setColumns(next) {
      bucket?.rename(columns, next);
      columns = next;
      means = next.map((name) =>
        statistic === "min" || statistic === "max" ? { kind: statistic } : toMean(name, next),
      );
    },
    add(timestampS, elapsedS, values) {
      const endS = Math.ceil(timestampS / intervalS) * intervalS;
      const measuredS = elapsedS === null ? unknownElapsedS : elapsedS > 0 ? elapsedS : 0;
      const startS = Math.max(timestampS - measuredS, window.fromS);
      if (timestampS <= window.fromS) return;
      if (bucket !== null && bucket.endS < endS) {
        bucket.addRates(Math.min(bucket.endS - startS, intervalS), values, means);
        flush();
      }
      if (bucket !== null && bucket.endS - endS > mostWaitS) flush();
      bucket ??= new Bucket(endS, columns.length);
      bucket.addRates(timestampS - Math.max(startS, endS - intervalS), values, means);
      bucket.addGauges(values, means);
    },
    end() {
      flush();
      sink.end();
    },
  };

  function flush(): void {
    if (bucket === null) return;
    if (sent !== columns) {
      sink.setColumns(columns);
      sent = columns;
    }
    sink.add(bucket.endS, intervalS, bucket.toValues());
    bucket = null;
  }
}

class Bucket {
  readonly endS: number;
  private sums: Float64Array;
  private weights: Float64Array;

  constructor(endS: number, size: number) {
    this.endS = endS;
    this.sums = new Float64Array(size);
    this.weights = new Float64Array(size);
  }

  addRates(seconds: number, values: Float64Array, means: readonly Mean[]): void {
    if (!(seconds > 0)) return;
    for (const [column, mean] of means.entries()) {
      if (mean.kind !== "rate" && mean.kind !== "requests") continue;
      const value = values[column] ?? Number.NaN;
      const weight = mean.kind === "rate" ? seconds : seconds * countRequests(values, mean.places);
      if (Number.isNaN(value) || !(weight > 0)) continue;
      this.add(column, value, weight);
    }
  }

  addGauges(values: Float64Array, means: readonly Mean[]): void {
    for (const [column, { kind }] of means.entries()) {
      const value = values[column] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      if (kind === "gauge") this.add(column, value, 1);
      else if (kind === "min" || kind === "max") {
        const isFirst = this.weights[column] === 0;
        this.sums[column] = isFirst ? value : Math[kind](value, this.sums[column] ?? value);
        this.weights[column] = 1;
      }
    }
  }

  /** Other columns follow: what is known of those that stay is kept. */
  rename(from: readonly string[], to: readonly string[]): void {
    const places = new Map(from.map((name, place) => [name, place]));
    const move = (values: Float64Array): Float64Array =>
      Float64Array.from(to, (name) => values[places.get(name) ?? -1] ?? 0);
    this.sums = move(this.sums);
    this.weights = move(this.weights);
  }

  toValues(): Float64Array {
    return this.sums.map((sum, column) => {
      const weight = this.weights[column] ?? 0;
      return weight > 0 ? round(sum / weight) : Number.NaN;
    });
  }

  private add(column: number, value: number, weight: number): void {
    this.sums[column] = (this.sums[column] ?? 0) + value * weight;
    this.weights[column] = (this.weights[column] ?? 0) + weight;
  }
}

/** Requests a second. A kind that this kernel does not count is none; without any of them, there is no mean. */
function countRequests(values: Float64Array, places: readonly number[]): number {
  let requests = 0;
  for (const place of places) {
    const rate = values[place] ?? Number.NaN;
    if (!Number.isNaN(rate)) requests += rate;
  }
  return requests;
}

function toMean(name: string, columns: readonly string[]): Mean {
  const column = parseColumn(name);
  if (column === null) throw new RangeError(`Cannot resample "${name}": it is no column`);
  if (column.metric.unit === "ms" && column.metric.scope === "disk") {
    const start = name.slice(0, -"await_ms".length);
    const places = ["reads", "writes", "discards"].map((field) => columns.indexOf(start + field));
    return { kind: "requests", places: places.filter((place) => place !== -1) };
  }
  return { kind: column.metric.kind };
}
