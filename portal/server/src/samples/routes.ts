import { Type } from "@fastify/type-provider-typebox";
import {
  MachineId,
  Series,
  SeriesQuery,
  Statistics,
  StatisticsQuery,
} from "@perfanalysis/contract/api";
import { parseColumn, type MetricColumn } from "@perfanalysis/contract/columns";
import type { Fault } from "@perfanalysis/contract/problem";
import { bucketMeans } from "@perfanalysis/reporting/statistics/buckets";
import { HttpProblem } from "@perfanalysis/contract/http-problem";
import { asTenant, type TenantDb } from "../db/tenant-db.ts";
import { requireScope, type App, type Services } from "../http/app.ts";
import { notFound } from "../http/problem.ts";
import { getMachine, type Machine } from "../machines/machines.ts";
import { beginSnapshot, readTimeRange, type TimeRange } from "./read.ts";
import { readSeries } from "./series.ts";
import { readStatistics } from "./statistics.ts";
import { parseTime, toTime } from "./times.ts";
import { TooManySamples } from "./too-many-samples.ts";

const MachinePath = Type.Object({ machine_id: MachineId });
const maxColumns = 64;
const defaultRangeS = 3600;
const probabilities = [0.5, 0.75, 0.9, 0.95, 0.975, 0.99];

/** Series and statistics of one machine's columns. */
export function registerSampleRoutes(app: App, { database, clock }: Services): void {
  const preHandler = requireScope("read");
  const tags = ["machines"];

  app.get(
    "/api/v1/machines/:machine_id/series",
    {
      preHandler,
      schema: {
        tags,
        summary:
          "Columns over time, downsampled to at most `points` buckets of minimum, mean and maximum",
        params: MachinePath,
        querystring: SeriesQuery,
        response: { 200: Series },
      },
    },
    async ({ principal, params, query }) => {
      const { columns, times } = parseQuery(query);
      return asTenant(database, principal.tenantId, async (db) => {
        const { machine, range } = await locate(db, { ...params, times, clock });
        const series = await answer(() =>
          readSeries(db, machine, {
            ...range,
            columns: columns.map(({ name }) => name),
            points: query.points,
          }),
        );
        const [first] = series.buckets;
        const length = first?.count.length ?? 0;
        return {
          machine_id: machine.machineId,
          timestamp_range: toTimestampRange(series),
          bucket_seconds: first?.bucketS ?? 1,
          resolution: series.resolution,
          time: Array.from(
            { length },
            (_, at) => (first?.startS ?? NaN) + at * (first?.bucketS ?? NaN),
          ),
          // NaN, where there is no sample, becomes null in JSON.
          series: series.buckets.map((buckets, at) => ({
            ...toColumn(columns[at]),
            min: Array.from(buckets.min),
            mean: Array.from(bucketMeans(buckets)),
            max: Array.from(buckets.max),
          })),
        };
      });
    },
  );

  app.get(
    "/api/v1/machines/:machine_id/statistics",
    {
      preHandler,
      schema: {
        tags,
        summary:
          "Count, minimum, mean, maximum and exact percentiles of columns, from the raw samples",
        params: MachinePath,
        querystring: StatisticsQuery,
        response: { 200: Statistics },
      },
    },
    async ({ principal, params, query }) => {
      const { columns, times } = parseQuery(query);
      return asTenant(database, principal.tenantId, async (db) => {
        const { machine, range } = await locate(db, { ...params, times, clock });
        const statistics = await answer(() =>
          readStatistics(db, machine, {
            ...range,
            columns: columns.map(({ name }) => name),
            probabilities,
          }),
        );
        return {
          machine_id: machine.machineId,
          timestamp_range: toTimestampRange(range),
          statistics: statistics.map(({ count, min, mean, max, percentiles }, at) => {
            const [p50, p75, p90, p95, p97_5, p99] = percentiles.map(toNullable);
            return {
              ...toColumn(columns[at]),
              count,
              min: toNullable(min),
              mean: toNullable(mean),
              p50: p50 ?? null,
              p75: p75 ?? null,
              p90: p90 ?? null,
              p95: p95 ?? null,
              p97_5: p97_5 ?? null,
              p99: p99 ?? null,
              max: toNullable(max),
            };
          }),
        };
      });
    },
  );
}

interface Times {
  fromS: number | null;
  toS: number | null;
}

function parseQuery({ metrics, from, to }: { metrics: string; from?: string; to?: string }): {
  columns: MetricColumn[];
  times: Times;
} {
  const faults: Fault[] = [];
  const names = [...new Set(metrics.split(",").map((name) => name.trim()))];
  const columns = names.flatMap((name) => {
    const column = parseColumn(name);
    if (column !== null) return [column];
    faults.push({
      column: "/metrics",
      value: name.slice(0, 80),
      message: `"${name.slice(0, 80)}" is no column of the CSV standard`,
    });
    return [];
  });
  if (names.length > maxColumns) {
    faults.push({
      column: "/metrics",
      message: `there are ${names.length} columns, at most ${maxColumns} are answered at once`,
    });
  }
  const time = (column: string, text: string | undefined) => {
    const timeS = text === undefined ? null : parseTime(text);
    if (text !== undefined && timeS === null) {
      faults.push({
        column,
        value: text.slice(0, 80),
        message: `"${text.slice(0, 80)}" is neither RFC 3339 (2026-01-31T12:00:00Z) nor Unix seconds`,
      });
    }
    return timeS;
  };
  const times = { fromS: time("/from", from), toS: time("/to", to) };
  if (faults.length > 0) throw invalid(faults);
  return { columns, times };
}

/** Must be the transaction's first work: all of it sees one state of the data. */
async function locate(
  db: TenantDb,
  { machine_id: machineId, times, clock }: { machine_id: string; times: Times; clock: () => Date },
): Promise<{ machine: Machine; range: TimeRange }> {
  await beginSnapshot(db);
  const machine = await getMachine(db, { machineId });
  if (machine === null) throw notFound(`There is no machine "${machineId}".`);
  const toS = times.toS ?? (await readDefaultEnd(db, machine, clock));
  const fromS = times.fromS ?? Math.max(0, toS - defaultRangeS);
  if (fromS >= toS) {
    throw invalid([
      { column: "/from", message: `${toTime(fromS)} is not before the end, ${toTime(toS)}` },
    ]);
  }
  return { machine, range: { fromS, toS } };
}

async function readDefaultEnd(db: TenantDb, machine: Machine, clock: () => Date): Promise<number> {
  const range = await readTimeRange(db, machine);
  return range === null ? Math.ceil(clock().getTime() / 1000) : range.endS + 1;
}

async function answer<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof TooManySamples)) throw error;
    throw new HttpProblem(400, "Too many samples", `${error.message}.`, { cause: error });
  }
}

function invalid(errors: Fault[]): HttpProblem {
  const what = errors.map(({ column, message }) => `${column} ${message}`).join("; ");
  return new HttpProblem(400, "Invalid request", `Cannot accept the query: ${what}.`, { errors });
}

function toTimestampRange({ fromS, toS }: TimeRange): { start: string; end: string } {
  return { start: toTime(fromS), end: toTime(toS) };
}

function toColumn(column: MetricColumn | undefined): { column: string; unit: string } {
  return { column: column?.name ?? "", unit: column?.metric.unit ?? "" };
}

function toNullable(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
