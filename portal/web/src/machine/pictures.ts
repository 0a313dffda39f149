// The report's pictures of what lines cannot show: each CPU by itself, and the hours of days.
import type { Series } from "@perfanalysis/contract/api";
import { parseColumn } from "@perfanalysis/contract/columns";
import type { Chart, ChartText } from "@perfanalysis/reporting/charts/frame";
import { heatMapChart } from "@perfanalysis/reporting/charts/heat-map";
import { stripsChart } from "@perfanalysis/reporting/charts/strips";
import { toDays, toHours } from "@perfanalysis/reporting/statistics/hours";
import type { TimeZone } from "@perfanalysis/reporting/time-zone";
import { cpuBusyPercent } from "./readings.ts";
import type { Span } from "./time-range.ts";

/** A picture, from what it is made, and in which buckets that is asked for. */
export interface Picture {
  id: string;
  title: string;
  columns: readonly string[];
  toGrid: (span: Span) => { span: Span; points: number };
  /** null where nothing was measured. */
  draw: (series: Series, options: { text: ChartText; zone: TimeZone }) => Chart | null;
}

/** More rows than these a panel has no room for. */
const mostCpus = 64;
const mostStripColumns = 300;
const dayS = 86_400;
/** All clocks are ahead of UTC by whole quarters of an hour. */
const quarterS = 900;
/** So many the portal gives at most. */
const mostQuarters = 5000;

/** Whether a span is long enough for its hours to be compared by days, and short enough for the portal to give them. */
export function isOfDays({ fromS, toS }: Span): boolean {
  return toS - fromS >= dayS && toS - fromS <= (mostQuarters - 2) * quarterS;
}

/** Those that the machine's columns give; hours only of days. */
export function listPictures(
  columns: readonly string[],
  { ofDays }: { ofDays: boolean },
): Picture[] {
  const cpus = listCpus(columns);
  return [
    ...(cpus.length < 2 ? [] : [strips(columns, cpus)]),
    ...(ofDays && columns.includes("cpu_idle") ? [hours(columns)] : []),
  ];
}

function strips(columns: readonly string[], cpus: readonly string[]): Picture {
  const shown = cpus.slice(0, mostCpus);
  const of = shown.length < cpus.length ? ` (the first ${shown.length} of ${cpus.length})` : "";
  return {
    id: "cpus",
    title: `Each CPU, how busy over time${of}`,
    columns: present(
      columns,
      shown.flatMap((cpu) => [`cpu${cpu}_idle`, `cpu${cpu}_iowait`]),
    ),
    toGrid: (span) => ({
      span,
      points: Math.min(mostStripColumns, Math.max(1, Math.ceil(span.toS - span.fromS))),
    }),
    draw: (series, { text, zone }) => {
      const [firstS] = series.time;
      if (firstS === undefined) return null;
      const bucketS = series.bucket_seconds;
      return stripsChart({
        ...text,
        unit: "percent",
        // Of samples that are taken on the second.
        span: { startS: firstS - 0.5, bucketS, length: series.time.length },
        rows: shown.map((cpu) => ({ label: `CPU ${cpu}`, values: busyOf(series, `cpu${cpu}`) })),
        high: 100,
        zone,
      });
    },
  };
}

function hours(columns: readonly string[]): Picture {
  return {
    id: "hours",
    title: "CPU busy by hour and day",
    columns: present(columns, ["cpu_idle", "cpu_iowait"]),
    toGrid: ({ fromS, toS }) => {
      const span = {
        fromS: Math.floor(fromS / quarterS) * quarterS,
        toS: Math.ceil(toS / quarterS) * quarterS,
      };
      return { span, points: (span.toS - span.fromS) / quarterS };
    },
    draw: (series, { text, zone }) => {
      const found = toHours(Float64Array.from(series.time), busyOf(series, "cpu"), {
        intervalS: series.bucket_seconds,
        zone,
      });
      if (found.every(({ mean }) => Number.isNaN(mean))) return null;
      const days = toDays(found, zone);
      return heatMapChart({ ...text, unit: "percent", days, high: 100, zoneText: zone.name });
    },
  };
}

/** CPU time that is neither idle nor waits for a disk, by bucket; NaN is a gap. */
function busyOf({ time, series }: Series, cpu: string): Float64Array {
  const meansOf = (mode: string) => series.find(({ column }) => column === `${cpu}_${mode}`)?.mean;
  const [idle, iowait] = [meansOf("idle"), meansOf("iowait")];
  return Float64Array.from(
    time.map((_, index) => cpuBusyPercent(idle?.[index], iowait?.[index]) ?? NaN),
  );
}

/** Numbers of the CPUs that are measured by themselves, ascending. */
function listCpus(columns: readonly string[]): string[] {
  return columns
    .flatMap((name) => {
      const column = parseColumn(name);
      return column?.metric.name === "cpu<cpu>_idle" && column.device !== null
        ? [column.device]
        : [];
    })
    .toSorted((a, b) => Number(a) - Number(b));
}

function present(columns: readonly string[], wanted: readonly string[]): string[] {
  const has = new Set(columns);
  return wanted.filter((name) => has.has(name));
}
