// Figures that disks, interfaces and containers have in common.
import { mirroredChart } from "../charts/mirrored.ts";
import type { Threshold } from "../charts/frame.ts";
import type { Color } from "../charts/palette.ts";
import { timeSeriesChart } from "../charts/time-series.ts";
import type { Measure } from "../statistics/dataset.ts";
import { figure, happened, seriesOf, type Context } from "./context.ts";
import type { Figure } from "./model.ts";

/** Whether anything was measured of a device but zeros, which its row among all devices says; the annex has every column. */
export function wasUsed(context: Context, kind: "disk" | "net", of: string): boolean {
  return context.dataset.columns.some(
    ({ name, device }) => name.startsWith(`${kind}_`) && device === of && happened(context, name),
  );
}

/** Two directions of one traffic, or the one that is in the file; null where nothing happened. */
export function trafficFigure(
  context: Context,
  { id, title, up, down }: { id: string; title: string; up: string; down: string },
): Figure | null {
  if (!happened(context, up) && !happened(context, down)) return null;
  const above = context.dataset.measure(up);
  const below = context.dataset.measure(down);
  if (below === null) return measureFigure(context, { id, title, name: up, color: "blue" });
  if (above === null) return measureFigure(context, { id, title, name: down, color: "orange" });
  return figure(context, {
    id,
    title,
    measures: [above, below],
    draw: (text) =>
      mirroredChart({
        ...text,
        unit: above.unit,
        up: seriesOf(context, above, { color: "blue" }),
        down: seriesOf(context, below, { color: "orange" }),
      }),
  });
}

/** Disks of which the file says how busy they were, the one that was busiest in its busiest twentieth of samples first. */
export function byBusy(
  { dataset }: Context,
  disks: readonly string[],
): { name: string; measure: Measure; p95: number }[] {
  return disks
    .flatMap((name) => {
      const measure = dataset.measure(`disk_${name}_busy`);
      return measure === null ? [] : [{ name, measure, p95: dataset.summary(measure).p95 }];
    })
    .toSorted((a, b) => b.p95 - a.p95);
}

export interface MeasureFigureOptions {
  id: string;
  title: string;
  name: string;
  color: Color;
  thresholds?: Threshold[];
  /** Whether the axis of percentages ends at 100; default true. */
  isOfWhole?: boolean;
}

/** Null where the file does not have it. */
export function measureFigure(
  context: Context,
  { id, title, name, color, thresholds = [], isOfWhole = true }: MeasureFigureOptions,
): Figure | null {
  const measure = context.dataset.measure(name);
  if (measure === null) return null;
  return figure(context, {
    id,
    title,
    measures: [measure],
    draw: (text) =>
      timeSeriesChart({
        ...text,
        unit: measure.unit,
        series: [seriesOf(context, measure, { color })],
        thresholds,
        wholePercent: isOfWhole && measure.unit === "percent",
      }),
  });
}
