import type { LineSpeeds } from "../capacity/line-speeds.ts";
import type { LoadProfile } from "../capacity/load-profile.ts";
import type { DataGrade } from "../validation/grade-data.ts";
import { bucketMeans } from "../statistics/buckets.ts";
import type { Dataset, Measure } from "../statistics/dataset.ts";
import type { Chart, ChartText, TimeSpan } from "../charts/frame.ts";
import type { Color } from "../charts/palette.ts";
import type { Series } from "../charts/time-series.ts";
import { bucketPercentiles } from "../statistics/bucket-percentiles.ts";
import type { TimeZone } from "../time-zone.ts";
import { formatDuration, formatRange, formatValue } from "../format.ts";
import type { Figure } from "./model.ts";
import { texts } from "../texts/english.ts";

/** What every section works with. */
export interface Context extends LineSpeeds {
  dataset: Dataset;
  /** The first is the busiest, or the one asked for. */
  disks: readonly string[];
  interfaces: readonly string[];
  mounts: readonly string[];
  containers: readonly string[];
  /** Online CPUs; null where neither the columns nor the machine's facts tell. */
  cpuCount: number | null;
  /** Of the machine, in any currency; null where it is not given. */
  costPerHour: number | null;
  grade: DataGrade;
  profile: LoadProfile;
  /** Disks, and ids of charts, that a finding speaks of: shown in full, like the first. */
  suspects: ReadonlySet<string>;
  /** The reader's, beside UTC. */
  zone: TimeZone;
}

/** A measure as a line over time, with its bands. */
export function seriesOf(
  context: Context,
  measure: Measure,
  { label = measure.label, color }: { label?: string; color: Color },
): Series {
  const { dataset } = context;
  const buckets = dataset.course(measure);
  const core = bucketPercentiles(buckets, dataset.timestampsS, measure.values);
  return { label, color, buckets, core };
}

export function meansOf({ dataset }: Context, measure: Measure): Float64Array {
  return bucketMeans(dataset.course(measure));
}

/** Those of the named measures that have values, in the order of the names. */
export function measuresOf({ dataset }: Context, names: readonly string[]): Measure[] {
  return names.flatMap((name) => dataset.measure(name) ?? []);
}

/** Whether a measure is there and was anything but zero. */
export function happened({ dataset }: Context, name: string): boolean {
  const measure = dataset.measure(name);
  return measure !== null && dataset.summary(measure).max > 0;
}

/** "User: mean 12.0 %, 95th percentile 31.4 %, maximum 88.0 %." – a chart in words. */
function describeMeasure(
  { dataset }: Context,
  measure: Measure,
  label: string = measure.label,
): string {
  const { mean, p95, max } = dataset.summary(measure);
  return texts.figure.describe(label, {
    mean: formatValue(mean, measure.unit),
    p95: formatValue(p95, measure.unit),
    max: formatValue(max, measure.unit),
  });
}

export function figure(
  context: Context,
  {
    id,
    title,
    measures,
    labels = [],
    draw,
    span = context.dataset.span,
  }: {
    id: string;
    title: string;
    measures: readonly Measure[];
    /** Of the measures, where their own do not tell them apart. */
    labels?: readonly string[];
    draw: (text: ChartText) => Chart;
    /** Where it has buckets of its own. */
    span?: TimeSpan;
  },
): Figure {
  const { timing } = context.dataset;
  const description = `${formatRange(timing.startS, timing.endS)}. ${measures
    .map((measure, index) => describeMeasure(context, measure, labels[index]))
    .join(" ")}`;
  return {
    kind: "figure",
    id,
    title,
    note: resolution(context, span),
    description,
    chart: draw({ id, title, description, layout: "fluid" }),
  };
}

function resolution({ dataset }: Context, span: TimeSpan): string {
  const { intervalS } = dataset.timing;
  return span.bucketS === intervalS || intervalS === null
    ? texts.figure.everySample
    : texts.figure.resolution(formatDuration(span.bucketS));
}
