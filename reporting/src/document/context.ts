import { bucketMeans, type Buckets } from "../statistics/buckets.ts";
import type { Dataset, Measure } from "../statistics/dataset.ts";
import type { Chart, ChartText, TimeSpan } from "../charts/frame.ts";
import { formatDuration, formatRange, formatValue } from "../format.ts";
import { chartSpan, toBuckets } from "./chart-data.ts";
import type { Figure } from "./model.ts";

/** What every section works with. */
export interface Context {
  dataset: Dataset;
  /** The first is the busiest, or the one asked for. */
  disks: readonly string[];
  interfaces: readonly string[];
  /** Disks and interfaces that a finding speaks of: shown in full, like the first. */
  suspects: ReadonlySet<string>;
  span: TimeSpan;
}

export function createContext(
  dataset: Dataset,
  devices: Pick<Context, "disks" | "interfaces" | "suspects">,
): Context {
  return { dataset, ...devices, span: chartSpan(dataset.timing) };
}

export function bucketsOf({ dataset, span }: Context, measure: Measure): Buckets {
  return toBuckets(dataset, span, measure);
}

export function meansOf(context: Context, measure: Measure): Float64Array {
  return bucketMeans(bucketsOf(context, measure));
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
function describeMeasure({ dataset }: Context, measure: Measure): string {
  const { mean, p95, max } = dataset.summary(measure);
  const [a, b, c] = [mean, p95, max].map((value) => formatValue(value, measure.unit));
  return `${measure.label}: mean ${a}, 95th percentile ${b}, maximum ${c}.`;
}

export function figure(
  context: Context,
  {
    id,
    title,
    measures,
    draw,
  }: {
    id: string;
    title: string;
    measures: readonly Measure[];
    draw: (text: ChartText) => Chart;
  },
): Figure {
  const { timing } = context.dataset;
  const description = `${formatRange(timing.startS, timing.endS)}. ${measures
    .map((measure) => describeMeasure(context, measure))
    .join(" ")}`;
  return {
    kind: "figure",
    id,
    title,
    note: resolution(context),
    description,
    chart: draw({ id, title, description, layout: "fluid" }),
  };
}

function resolution({ dataset, span }: Context): string {
  const { intervalS } = dataset.timing;
  return span.bucketS === intervalS || intervalS === null
    ? "Every sample is drawn. Times are UTC."
    : `Each point stands for ${formatDuration(span.bucketS)}. Times are UTC.`;
}
