import {
  addToBuckets,
  createBuckets,
  type Buckets,
} from "@perfanalysis/reporting/statistics/buckets";
import type { TenantDb } from "../db/tenant-db.ts";
import { dayS, hourS, type MachineRef } from "./block.ts";
import { decodeValues } from "./codec.ts";
import { listMetricIds } from "./dictionary.ts";
import { readHot } from "./hot.ts";
import { decodeMinutes, type Minutes } from "./minutes.ts";
import { readPieces, toHours, type TimeRange } from "./read.ts";
import { readRollups } from "./rollups.ts";
import { listHours, readHours } from "./segments.ts";
import { TooManySamples } from "./too-many-samples.ts";

export interface SeriesQuery extends TimeRange {
  columns: readonly string[];
  /** Buckets at most. */
  points: number;
  /** From what cost on the answer is made of minutes. */
  maxSampleCost?: number;
  /** Days of one column of minutes in one answer; the default takes about 2 s. */
  maxRollups?: number;
}

export interface SampleSeries extends TimeRange {
  /** What the buckets were made of. */
  resolution: "sample" | "minute";
  /** One for each column that was asked for, in that order, all over the same span. */
  buckets: Buckets[];
}

const minuteS = 60;
/** What a segment costs beside its values, in values: a row from the database and a blob to open. */
const segmentCost = 1000;
/** Values that are decoded for one answer: about 30 ms. Longer ranges are drawn from minutes. */
const defaultMaxSampleCost = 700_000;
const rollupsPerFetch = 500;

/**
 * Buckets over the whole range, also where there are no samples. Their length is a multiple of the interval at which the
 * machine was sampled last; they start at multiples of it. Where that is too much to decode they are made of minutes, and the
 * range grows to whole minutes. Minimum and maximum are those of the samples either way.
 * Throws TooManySamples where even the minutes are too many. The transaction must have begun with `beginSnapshot`.
 */
export async function readSeries(
  db: TenantDb,
  machine: MachineRef,
  {
    columns,
    points,
    maxSampleCost = defaultMaxSampleCost,
    maxRollups = 20_000,
    ...range
  }: SeriesQuery,
): Promise<SampleSeries> {
  const metricIds = await listMetricIds(db, columns);
  const hours = await listHours(db, machine, toHours(range));
  const rowCount = hours.reduce((sum, hour) => sum + hour.rowCount, 0);
  const cost = (rowCount + hours.length * segmentCost) * columns.length;
  const read = {
    metricIds,
    columns,
    points,
    maxRollups,
    hours: hours.map(({ hour }) => hour),
  };
  return cost <= maxSampleCost
    ? readFromSamples(db, machine, { ...read, ...range })
    : readFromMinutes(db, machine, {
        ...read,
        fromS: Math.floor(range.fromS / minuteS) * minuteS,
        toS: Math.ceil(range.toS / minuteS) * minuteS,
      });
}

interface Read extends SeriesQuery {
  maxRollups: number;
  metricIds: ReadonlyMap<string, number>;
  /** Those of the range that have sealed samples. */
  hours: readonly number[];
}

async function readFromSamples(
  db: TenantDb,
  machine: MachineRef,
  { columns, points, metricIds, hours, fromS, toS }: Read,
): Promise<SampleSeries> {
  const ids = [...metricIds.values()];
  const hot = await readHot(db, machine, { fromS, toS, metricIds: ids });
  const stepS = await readInterval(db, machine, { hot: hot.timestampsS, hours });
  const create = bucketMaker({ fromS, toS, points, stepS });
  const byId = new Map(ids.map((id) => [id, create()]));
  const add = (timestampsS: Float64Array, id: number, values: Float64Array) => {
    const buckets = byId.get(id);
    if (buckets !== undefined) addToBuckets(buckets, timestampsS, values);
  };
  for await (const piece of readPieces(db, machine, { fromS, toS, hours, metricIds: ids })) {
    for (const [id, values] of piece.columns) add(piece.timestampsS, id, values);
  }
  for (const [id, values] of hot.columns) add(hot.timestampsS, id, values);
  return {
    fromS,
    toS,
    resolution: "sample",
    buckets: columns.map((name) => byId.get(metricIds.get(name) ?? 0) ?? create()),
  };
}

async function readFromMinutes(
  db: TenantDb,
  machine: MachineRef,
  { columns, points, maxRollups, metricIds, hours, fromS, toS }: Read,
): Promise<SampleSeries> {
  const ids = [...metricIds.values()];
  const days = [...new Set(hours.map((hour) => Math.floor((hour * hourS) / dayS)))];
  if (days.length * ids.length > maxRollups) {
    throw new TooManySamples(
      `${days.length} days of ${ids.length} columns are more than ${maxRollups} days of one column: ask for a shorter range or fewer columns`,
    );
  }
  const hot = await readHot(db, machine, { fromS, toS, metricIds: ids });
  const intervalS = await readInterval(db, machine, { hot: hot.timestampsS, hours });
  const stepS = Math.ceil(intervalS / minuteS) * minuteS;
  const create = bucketMaker({ fromS, toS, points, stepS });
  const byId = new Map(ids.map((id) => [id, create()]));
  const daysPerFetch = Math.max(1, Math.floor(rollupsPerFetch / Math.max(1, ids.length)));
  for (let start = 0; start < days.length; start += daysPerFetch) {
    const batch = days.slice(start, start + daysPerFetch);
    for (const rollup of await readRollups(db, machine, { days: batch, metricIds: ids })) {
      const buckets = byId.get(rollup.metricId);
      if (buckets === undefined) continue;
      addMinutes(buckets, decodeMinutes(rollup), { startS: rollup.day * dayS, fromS, toS });
    }
  }
  for (const [id, values] of hot.columns) {
    const buckets = byId.get(id);
    if (buckets !== undefined) addToBuckets(buckets, hot.timestampsS, values);
  }
  return {
    fromS,
    toS,
    resolution: "minute",
    buckets: columns.map((name) => byId.get(metricIds.get(name) ?? 0) ?? create()),
  };
}

/** Makes empty buckets over the range, at most `points`, of a multiple of `stepS` seconds, that start at multiples of their length. */
function bucketMaker({
  fromS,
  toS,
  points,
  stepS,
}: TimeRange & { points: number; stepS: number }): () => Buckets {
  const spanS = toS - fromS;
  const lengthFor = (count: number) => Math.max(1, Math.ceil(spanS / count / stepS)) * stepS;
  // One bucket for everything cannot start at a multiple of its length.
  if (points === 1) return () => createBuckets(fromS, lengthFor(1), 1);
  const countFor = (bucketS: number) => Math.ceil(toS / bucketS) - Math.floor(fromS / bucketS);
  // Both ends may cut a bucket, which makes one more; with one fewer wanted there are never too many.
  const tight = lengthFor(points);
  const bucketS = countFor(tight) <= points ? tight : lengthFor(points - 1);
  const startS = Math.floor(fromS / bucketS) * bucketS;
  return () => createBuckets(startS, bucketS, countFor(bucketS));
}

/** Median seconds between the newest samples of the range; 1 where there are fewer than two. */
async function readInterval(
  db: TenantDb,
  machine: MachineRef,
  { hot, hours }: { hot: Float64Array; hours: readonly number[] },
): Promise<number> {
  const newest = hours.at(-1);
  let times = hot;
  if (times.length < 2 && newest !== undefined) {
    const [stored] = await readHours(db, machine, { hours: [newest], metricIds: [] });
    if (stored !== undefined) times = decodeValues(stored.axis);
  }
  times = times.toSorted();
  const steps = times.subarray(1).map((timeS, index) => timeS - (times[index] ?? NaN));
  return steps.toSorted()[steps.length >> 1] ?? 1;
}

function addMinutes(
  { startS: bucketsStartS, bucketS, count, min, max, sum }: Buckets,
  minutes: Minutes,
  { startS, fromS, toS }: { startS: number; fromS: number; toS: number },
): void {
  const first = Math.max(0, (fromS - startS) / minuteS);
  const end = Math.min(minutes.count.length, (toS - startS) / minuteS);
  for (let minute = first; minute < end; minute++) {
    const samples = minutes.count[minute] ?? 0;
    if (samples === 0) continue;
    const bucket = Math.floor((startS + minute * minuteS - bucketsStartS) / bucketS);
    const [low, high] = [minutes.min[minute] ?? NaN, minutes.max[minute] ?? NaN];
    count[bucket] = (count[bucket] ?? 0) + samples;
    sum[bucket] = (sum[bucket] ?? 0) + (minutes.sum[minute] ?? 0);
    // Also true while the bucket still holds NaN.
    if (!((min[bucket] ?? NaN) <= low)) min[bucket] = low;
    if (!((max[bucket] ?? NaN) >= high)) max[bucket] = high;
  }
}
