import type { MachineDetail, Series, Statistics } from "@perfanalysis/contract/api";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { request } from "../api/request.ts";
import type { LiveSample } from "../live/live-connection.ts";
import { useLiveSamples, useLiveStart } from "../live/live-context.tsx";
import { parseTime } from "../ui/times.ts";
import { splitColumns } from "./column-lists.ts";
import { withLiveSamples } from "./live-series.ts";
import type { Picture } from "./pictures.ts";
import { pointsFor, toSpan, type Span, type TimeRange } from "./time-range.ts";

/** Live samples are kept until the series that holds them has been asked for. */
const keptSamples = 300;
const seriesRefreshMs = 60_000;
const statisticsRefreshMs = 30_000;

export function useMachine(machineId: string) {
  return useQuery({
    queryKey: ["machine", machineId],
    queryFn: ({ signal }) => request<MachineDetail>(machinePath(machineId), { signal }),
    // Columns can be added while the page is open.
    refetchInterval: 60_000,
  });
}

/** The machine's live samples, oldest first; empty until the first arrives. */
export function useMachineSamples(machineId: string): readonly LiveSample[] {
  const queryClient = useQueryClient();
  const [samples, setSamples] = useState<readonly LiveSample[]>([]);
  useLiveSamples([machineId], (_, sample) => {
    setSamples((before) =>
      sample.time > (before.at(-1)?.time ?? -Infinity)
        ? [...before.slice(1 - keptSamples), sample]
        : before,
    );
  });
  // What was taken while nothing came is known to the portal alone.
  useLiveStart(() => {
    void queryClient.invalidateQueries({ queryKey: ["machine", machineId] });
    void queryClient.invalidateQueries({ queryKey: ["series", machineId] });
    void queryClient.invalidateQueries({ queryKey: ["pictures", machineId] });
    void queryClient.refetchQueries({
      queryKey: ["statistics", machineId],
      predicate: ({ state }) => state.status === "error",
    });
  });
  return samples;
}

/** Where the machine's samples begin and end, live ones included; null where there are none. */
export function samplesSpan(machine: MachineDetail, live: readonly LiveSample[]): Span | null {
  const range = machine.timestamp_range;
  const liveEndS = live.at(-1)?.time;
  if (range === null) {
    return liveEndS === undefined ? null : { fromS: live[0]?.time ?? liveEndS, toS: liveEndS + 1 };
  }
  const endS = Math.max(parseTime(range.end), liveEndS ?? -Infinity);
  return { fromS: Math.floor(parseTime(range.start)), toS: Math.floor(endS) + 1 };
}

interface Shown {
  machineId: string;
  range: TimeRange;
  /** All of the machine's samples. */
  samples: Span;
}

/** Some columns over the range; grown by `live` where the range follows the newest sample. */
export function useSeries(
  { machineId, range, samples }: Shown,
  columns: readonly string[],
  live: readonly LiveSample[],
) {
  const query = useFollowing({ machineId, range, samples }, "series", columns, {
    refetchIntervalMs: seriesRefreshMs,
    ask: async (span, signal) => {
      const parameters = { ...toParameters(span, columns), points: String(pointsFor(span)) };
      const series = await getAt<Series>(machineId, "series", parameters, signal);
      return { series, toS: span.toS };
    },
  });
  const { data } = query;
  const grown = useMemo(() => {
    if (data === undefined || range.kind === "between") return data?.series;
    return withLiveSamples(data, live, range.kind === "last" ? range.lengthS : null);
  }, [data, live, range]);
  return {
    series: grown,
    error: query.error,
    refetch: query.refetch,
    isStale: query.isPlaceholderData,
  };
}

/** What a picture over the range is drawn from. */
export function usePictureSeries(shown: Shown, { columns, toGrid }: Picture) {
  return useFollowing(shown, "pictures", columns, {
    refetchIntervalMs: seriesRefreshMs,
    ask: async (wanted, signal) => {
      const { span, points } = toGrid(wanted);
      const answers = await Promise.all(
        splitColumns(columns).map((part) => {
          const parameters = { ...toParameters(span, part), points: String(points) };
          return getAt<Series>(shown.machineId, "series", parameters, signal);
        }),
      );
      const [first] = answers;
      if (first === undefined) throw new RangeError("Cannot draw a picture of no columns");
      // Of the same range and points, all have the same buckets.
      return { ...first, series: answers.flatMap(({ series }) => series) };
    },
  });
}

/** Exact statistics of every sample in the range. */
export function useStatistics(
  shown: Shown,
  columns: readonly string[],
  { refetchIntervalMs = statisticsRefreshMs }: { refetchIntervalMs?: number | false } = {},
) {
  return useFollowing(shown, "statistics", columns, {
    refetchIntervalMs,
    ask: async (span, signal) => {
      const answers = await Promise.all(
        splitColumns(columns).map((part) =>
          getAt<Statistics>(shown.machineId, "statistics", toParameters(span, part), signal),
        ),
      );
      return answers.flatMap(({ statistics }) => statistics);
    },
  });
}

interface Following<Answer> {
  /** false: the first answer stays. */
  refetchIntervalMs: number | false;
  ask: (span: Span, signal: AbortSignal) => Promise<Answer>;
}

/** Asks again and again where the range follows the newest sample, each time up to that sample. */
function useFollowing<Answer>(
  { machineId, range, samples }: Shown,
  kind: "series" | "pictures" | "statistics",
  columns: readonly string[],
  { refetchIntervalMs, ask }: Following<Answer>,
) {
  const latest = useRef(samples);
  useEffect(() => {
    latest.current = samples;
  }, [samples]);
  return useQuery({
    queryKey: [kind, machineId, range, columns],
    queryFn: ({ signal }) => ask(toSpan(range, latest.current), signal),
    enabled: columns.length > 0,
    refetchInterval: range.kind === "between" ? false : refetchIntervalMs,
    staleTime: refetchIntervalMs === false ? Infinity : range.kind === "between" ? 5 * 60_000 : 0,
    // Another range of the same columns: the old picture stays until the new one is there.
    placeholderData: keepPreviousData,
  });
}

export function exportPath(machineId: string, { fromS, toS }: Span): string {
  const query = new URLSearchParams({
    machine_id: machineId,
    start: String(fromS),
    end: String(toS),
  });
  return `/api/v1/performance/export?${query.toString()}`;
}

function machinePath(machineId: string): string {
  return `/api/v1/machines/${encodeURIComponent(machineId)}`;
}

function toParameters({ fromS, toS }: Span, columns: readonly string[]): Record<string, string> {
  return {
    metrics: columns.join(","),
    from: String(Math.floor(fromS)),
    to: String(Math.ceil(toS)),
  };
}

function getAt<Answer>(
  machineId: string,
  what: string,
  parameters: Record<string, string>,
  signal: AbortSignal,
): Promise<Answer> {
  const query = new URLSearchParams(parameters).toString();
  return request<Answer>(`${machinePath(machineId)}/${what}?${query}`, { signal });
}
