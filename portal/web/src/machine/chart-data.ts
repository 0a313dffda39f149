import type { Series } from "@perfanalysis/contract/api";

/** null is drawn as a gap; undefined is only the time between two samples and is drawn through. */
export type ChartValue = number | null | undefined;

export interface ChartColumn {
  min: ChartValue[];
  mean: ChartValue[];
  max: ChartValue[];
}

export interface ChartData {
  /** Start of each bucket, Unix seconds. */
  timesS: number[];
  bucketS: number;
  columns: Map<string, ChartColumn>;
}

/** Samples further apart than this many usual distances have a gap between them. */
const gapFactor = 1.5;

/**
 * The portal's buckets can be finer than the machine's samples: a machine sampled every 10 s leaves nine of ten buckets of
 * one second empty without having been away. Such holes become undefined; real gaps stay null.
 */
export function toChartData(series: Series): ChartData {
  const drawnThrough = findDrawnThrough(series);
  const convert = (values: readonly (number | null)[]): ChartValue[] =>
    drawnThrough.size === 0
      ? [...values]
      : values.map((value, index) => (drawnThrough.has(index) ? undefined : value));
  return {
    timesS: series.time,
    bucketS: series.bucket_seconds,
    columns: new Map(
      series.series.map(({ column, min, mean, max }) => [
        column,
        { min: convert(min), mean: convert(mean), max: convert(max) },
      ]),
    ),
  };
}

/** Index of the bucket nearest to `timeS`, or null where there is none. */
export function nearestIndex(timesS: readonly number[], timeS: number): number | null {
  let low = 0;
  let high = timesS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timesS[middle] ?? Infinity) < timeS) low = middle + 1;
    else high = middle;
  }
  const after = timesS[low];
  const before = timesS[low - 1];
  if (after === undefined) return before === undefined ? null : low - 1;
  return before !== undefined && timeS - before < after - timeS ? low - 1 : low;
}

/** Index of the last bucket that holds any sample, or null. */
export function lastMeasuredIndex({ timesS, columns }: ChartData): number | null {
  for (let index = timesS.length - 1; index >= 0; index--) {
    for (const { mean } of columns.values()) if (typeof mean[index] === "number") return index;
  }
  return null;
}

function findDrawnThrough({ time, series }: Series): Set<number> {
  const measured = time.flatMap((_, index) =>
    series.some(({ mean }) => (mean[index] ?? null) !== null) ? [index] : [],
  );
  const distances = measured.slice(1).map((index, at) => index - (measured[at] ?? 0));
  const usual = distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 1;
  const drawnThrough = new Set<number>();
  if (usual === 1) return drawnThrough;
  distances.forEach((distance, at) => {
    if (distance > gapFactor * usual) return;
    const start = measured[at] ?? 0;
    for (let step = 1; step < distance; step++) drawnThrough.add(start + step);
  });
  return drawnThrough;
}
