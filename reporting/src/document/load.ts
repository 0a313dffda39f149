import { timeSeriesChart, type Series } from "../charts/time-series.ts";
import type { Color } from "../charts/palette.ts";
import { chartIds } from "../findings/finding.ts";
import { limits } from "../findings/limits.ts";
import { formatCount, formatFixed } from "../format.ts";
import { figure, measuresOf, seriesOf, type Context } from "./context.ts";
import { courseBlocks } from "./course.ts";
import type { Block, Section } from "./model.ts";
import { statisticsTable } from "./statistics-table.ts";
import { texts } from "../texts/english.ts";

const words = texts.load;
const columns = [
  "procs_running",
  "procs_blocked",
  "load1",
  "load5",
  "load15",
  "context_switches",
  "interrupts",
  "forks",
];
const averages: [name: string, color: Color][] = [
  ["load1", "blue"],
  ["load5", "orange"],
  ["load15", "green"],
];

/** Null where the file has nothing of it. */
export function loadSection(context: Context): Section | null {
  const { dataset, cpuCount } = context;
  const measures = measuresOf(context, columns);
  if (measures.length === 0) return null;
  const blocks: Block[] = [];
  const queue = dataset.measure("procs_running");
  if (queue !== null) {
    const { mean, p95, max } = dataset.summary(queue);
    const cpus = cpuCount === null ? null : formatCount(cpuCount, "CPU");
    blocks.push({
      kind: "paragraph",
      text: words.introduction(formatFixed(mean, 1), cpus, {
        // Counts are whole, and so is a percentile that lies on one.
        p95: formatFixed(p95, Number.isInteger(p95) ? 0 : 1),
        max: formatFixed(max, 0),
      }),
    });
    blocks.push(
      figure(context, {
        id: chartIds.runQueue,
        title: words.runnable,
        measures: [queue],
        draw: (text) =>
          timeSeriesChart({
            ...text,
            unit: "count",
            series: [seriesOf(context, queue, { label: words.runnable, color: "blue" })],
            thresholds: perCpuLimit(context),
          }),
      }),
    );
  }
  const averagesFigure = loadFigure(context, queue === null ? chartIds.runQueue : "chart-load");
  if (averagesFigure !== null) blocks.push(averagesFigure);
  const course = queue ?? dataset.measure("load1");
  if (course !== null) {
    const title = queue === null ? words.averages : words.runnable;
    blocks.push(...courseBlocks(context, { measure: course, title, id: "load" }));
  }
  blocks.push(statisticsTable(dataset, { caption: words.statistics, measures }));
  return { id: "load", title: words.title, blocks };
}

function loadFigure(context: Context, id: string): Block | null {
  const [first, ...others] = averages.flatMap(([name, color]): Series[] => {
    const measure = context.dataset.measure(name);
    return measure === null
      ? []
      : [{ label: measure.label, color, buckets: context.dataset.course(measure) }];
  });
  if (first === undefined) return null;
  return figure(context, {
    id,
    title: words.averages,
    measures: measuresOf(
      context,
      averages.map(([name]) => name),
    ),
    draw: (text) =>
      timeSeriesChart({
        ...text,
        unit: "count",
        series: [first, ...others],
        bandless: true,
        thresholds: perCpuLimit(context),
      }),
  });
}

function perCpuLimit({ cpuCount }: Context): { value: number; label: string }[] {
  if (cpuCount === null) return [];
  const value = limits.tasksPerCpu * cpuCount;
  return [{ value, label: words.limit(value, limits.tasksPerCpu) }];
}
