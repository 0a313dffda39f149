// Each CPU over time. One busy CPU of many hides in the mean of all: here it is a dark row among pale ones.
import { stripsChart } from "../charts/strips.ts";
import { bucketMeans } from "../statistics/buckets.ts";
import type { Dataset, Measure } from "../statistics/dataset.ts";
import { createRowGrid, toBuckets } from "../statistics/row-grid.ts";
import { courseSpan } from "../statistics/course.ts";
import { figure, type Context } from "./context.ts";
import type { Figure } from "./model.ts";
import { texts } from "../texts/english.ts";

/** More rows are thinner than what a screen shows. */
const mostCpus = 256;
const mostColumns = 300;
/** Cells are bytes: of many CPUs, columns are wider. */
const mostCells = 16_384;

/** Null where the file has fewer than two CPUs by themselves. */
export function cpuStripsFigure(context: Context): Figure | null {
  const { dataset } = context;
  const all = cpuMeasures(dataset);
  const shown = all.slice(0, mostCpus);
  if (shown.length < 2) return null;
  const columns = Math.min(mostColumns, Math.floor(mostCells / shown.length));
  const span = courseSpan(dataset.timing, columns);
  const grid = createRowGrid(dataset.timestampsS, span);
  const rows = shown.map(({ cpu, idle, iowait }) => {
    const idles = bucketMeans(toBuckets(grid, idle.values));
    const waits = iowait === null ? null : bucketMeans(toBuckets(grid, iowait.values));
    const values = idles.map((value, bucket) =>
      Math.max(0, 100 - value - (waits === null ? 0 : (waits[bucket] ?? NaN))),
    );
    return { label: texts.cpu.one(cpu), values };
  });
  const busy = dataset.measure("cpu_busy");
  return figure(context, {
    id: "chart-cpu-strips",
    title:
      all.length > shown.length ? texts.cpu.firstStrips(mostCpus, all.length) : texts.cpu.strips,
    measures: busy === null ? [] : [busy],
    span,
    draw: (text) => stripsChart({ ...text, unit: "percent", span, rows, high: 100 }),
  });
}

export interface CpuMeasures {
  cpu: string;
  idle: Measure;
  /** Null where the file does not have it. */
  iowait: Measure | null;
}

/** CPUs that were measured by themselves, by number. */
export function cpuMeasures(dataset: Dataset): CpuMeasures[] {
  const found = dataset.columns.flatMap(({ name, device }): CpuMeasures[] => {
    if (device === null || name !== `cpu${device}_idle`) return [];
    const idle = dataset.measure(name);
    return idle === null
      ? []
      : [{ cpu: device, idle, iowait: dataset.measure(`cpu${device}_iowait`) }];
  });
  return found.toSorted((a, b) => Number(a.cpu) - Number(b.cpu));
}
