import type { Series } from "@perfanalysis/contract/api";
import type { LiveSample } from "../live/live-connection.ts";

/** A series as the portal answered it, and up to where it was asked for: later samples are not in it. */
export interface SeriesAnswer {
  series: Series;
  toS: number;
}

type ColumnSeries = Series["series"][number];

/**
 * The series with the samples that came since, on the same grid of buckets, and cut to the last `windowS` seconds.
 *
 * How many samples the portal's last, unfinished bucket holds is not known; it is taken as one a second, the most there can be.
 * So its mean can lag until the series is asked for anew; minima, maxima and every later bucket are exact.
 */
export function withLiveSamples(
  { series, toS }: SeriesAnswer,
  samples: readonly LiveSample[],
  windowS: number | null,
): Series {
  const fresh = samples.filter(({ time }) => time >= toS);
  const last = fresh.at(-1);
  const first = fresh[0];
  if (last === undefined || first === undefined) return series;
  const grid = growGrid(series, first.time, last.time + 1, windowS);
  return {
    ...series,
    time: grid.time,
    series: series.series.map((column) => growColumn(column, grid, fresh, toS)),
  };
}

interface Grid {
  bucketS: number;
  /** Buckets of the old grid that fell out of the window. */
  dropped: number;
  time: number[];
}

function growGrid(series: Series, firstFreshS: number, endS: number, windowS: number | null): Grid {
  const bucketS = series.bucket_seconds;
  const originS = series.time[0] ?? firstFreshS;
  const dropped =
    windowS === null ? 0 : Math.max(0, Math.floor((endS - windowS - originS) / bucketS));
  const length = Math.floor((endS - 1 - originS) / bucketS) + 1 - dropped;
  const time = Array.from({ length }, (_, index) => originS + (dropped + index) * bucketS);
  return { bucketS, dropped, time };
}

function growColumn(
  column: ColumnSeries,
  { bucketS, dropped, time }: Grid,
  fresh: readonly LiveSample[],
  toS: number,
): ColumnSeries {
  const grow = (values: readonly (number | null)[]) => {
    const kept = values.slice(dropped, dropped + time.length);
    while (kept.length < time.length) kept.push(null);
    return kept;
  };
  const [min, mean, max] = [grow(column.min), grow(column.mean), grow(column.max)];
  const originS = time[0] ?? 0;
  const counts = new Map<number, number>();
  for (const sample of fresh) {
    const value = sample.values[column.column] ?? null;
    const index = Math.floor((sample.time - originS) / bucketS);
    if (value === null || index < 0) continue;
    const before = mean[index] ?? null;
    const count =
      before === null ? 0 : (counts.get(index) ?? Math.max(1, toS - (originS + index * bucketS)));
    min[index] = Math.min(min[index] ?? value, value);
    max[index] = Math.max(max[index] ?? value, value);
    mean[index] = before === null ? value : before + (value - before) / (count + 1);
    counts.set(index, count + 1);
  }
  return { ...column, min, mean, max };
}
