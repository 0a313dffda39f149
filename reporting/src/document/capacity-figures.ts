// Resources of different kinds in one picture: each as a share of what there is of it.
import type { ResourceUse } from "../capacity/resources.ts";
import type { LoadProfile } from "../capacity/load-profile.ts";
import { overlayChart } from "../charts/overlay.ts";
import { percentileBarsChart } from "../charts/percentile-bars.ts";
import { formatValue } from "../format.ts";
import { figure, type Context } from "./context.ts";
import type { Figure } from "./model.ts";
import { texts } from "../texts/english.ts";

const mostBars = 12;
const mostLines = 6;
const hoursPerDay = 24;

/** Percentiles of every resource whose limit is known; null below two of them, which the table says as well. */
export function useFigure(context: Context, resources: readonly ResourceUse[]): Figure | null {
  const { dataset } = context;
  const known = resources.filter(hasLimit).slice(0, mostBars);
  if (known.length < 2) return null;
  const rows = known.map(({ label, measure, limit }) => {
    const { p50, p90, p95, p99, max } = dataset.summary(measure);
    const share = (value: number): number => (100 * value) / limit;
    return {
      label,
      p50: share(p50),
      p90: share(p90),
      p95: share(p95),
      p99: share(p99),
      max: share(max),
    };
  });
  const title = texts.capacity.use;
  const description = rows
    .map(({ label, p95, max }) =>
      texts.figure.describeBar(label, formatValue(p95, "percent"), formatValue(max, "percent")),
    )
    .join(" ");
  return {
    ...figure(context, {
      id: "chart-use",
      title,
      measures: [],
      draw: (text) =>
        percentileBarsChart({ ...text, description, unit: "percent", rows, high: 100 }),
    }),
    description,
    note: texts.figure.exact,
  };
}

/** The hours of the average day; null where the capture is too short for one. */
export function averageDayFigure(context: Context, profile: LoadProfile): Figure | null {
  const series = profile.resources
    .flatMap(({ use, hours }) =>
      hours === null || !hasLimit(use)
        ? []
        : [{ label: use.label, means: hours.map((mean) => (100 * mean) / use.limit) }],
    )
    .slice(0, mostLines);
  if (series.length === 0) return null;
  const title = texts.capacity.averageDay;
  const description = series
    .map(({ label, means }) => {
      const most = means.reduce((high, mean) => (mean > high ? mean : high), 0);
      return texts.capacity.describeDay(label, formatValue(most, "percent"), means.indexOf(most));
    })
    .join(" ");
  return {
    ...figure(context, {
      id: "chart-average-day",
      title,
      measures: [],
      draw: (text) =>
        overlayChart({
          ...text,
          description,
          unit: "percent",
          align: "clock",
          bucketS: 3600,
          length: hoursPerDay,
          axisTitle: profile.timeZone,
          series,
          wholePercent: true,
        }),
    }),
    description,
    note: texts.capacity.averageDayNote(profile.timeZone),
  };
}

/** A peak that was seen is no limit. */
function hasLimit({ limit, limitKind }: ResourceUse): boolean {
  return limitKind !== "peak" && limit > 0;
}
