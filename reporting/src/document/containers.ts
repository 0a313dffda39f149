import { timeSeriesChart, type Series } from "../charts/time-series.ts";
import type { Color } from "../charts/palette.ts";
import { chartIds } from "../findings/finding.ts";
import { limits } from "../findings/limits.ts";
import { formatCount, formatNumber, formatValue } from "../format.ts";
import type { Dataset } from "../statistics/dataset.ts";
import type { Summary } from "../statistics/summary.ts";
import { texts } from "../texts/english.ts";
import { figure, happened, type Context } from "./context.ts";
import { measureFigure, type MeasureFigureOptions } from "./device-figures.ts";
import type { Block, Section, Table } from "./model.ts";

const words = texts.containers;
/** As many as the lines of one chart can be told apart by colour. */
const colors: Color[] = ["blue", "orange", "green", "purple", "vermilion"];
/** Rows of the table; a host can have hundreds. */
const mostRows = 40;
/** Containers with charts of their own, beside those that a finding speaks of. */
const mostCharted = 1;

/** Null where the file has no container. */
export function containerSection(context: Context): Section | null {
  const { dataset, suspects } = context;
  const names = context.containers.toSorted((a, b) => weightOf(dataset, b) - weightOf(dataset, a));
  const [first] = names;
  if (first === undefined) return null;
  const charted = names.filter(
    (name, index) =>
      index < mostCharted ||
      [
        chartIds.containerCpu(name),
        chartIds.containerMemory(name),
        chartIds.containerThrottled(name),
      ].some((id) => suspects.has(id)),
  );
  return {
    id: "containers",
    title: words.title,
    blocks: [
      { kind: "paragraph", text: introduction(context, names, first) },
      ...lines(context, names, {
        id: "chart-containers-cpu",
        title: words.cpu,
        field: "cpu",
      }),
      ...lines(context, names, {
        id: "chart-containers-memory",
        title: words.memory,
        field: "memory_bytes",
      }),
      overview(dataset, names.slice(0, mostRows)),
      ...(names.length > mostRows
        ? [
            {
              kind: "paragraph",
              text: words.shown(mostRows, names.length),
            } as const,
          ]
        : []),
      ...charted.flatMap((name) => figures(context, name)),
    ],
  };
}

/** CPU time first; of those without, memory, which is far less than a percent in this unit. */
function weightOf(dataset: Dataset, name: string): number {
  const cpu = summaryOf(dataset, `container_${name}_cpu`)?.mean;
  const memory = summaryOf(dataset, `container_${name}_memory_bytes`)?.mean;
  return (cpu ?? 0) + (memory ?? 0) / 2 ** 60;
}

function summaryOf(dataset: Dataset, name: string): Summary | null {
  const measure = dataset.measure(name);
  return measure === null ? null : dataset.summary(measure);
}

function introduction({ dataset, cpuCount }: Context, names: string[], first: string): string {
  const cpu = summaryOf(dataset, `container_${first}_cpu`);
  const count =
    names.length === 1 ? words.one : words.several(formatCount(names.length, "container"));
  if (cpu === null) return words.noCpu(count);
  const total = names.reduce(
    (sum, name) => sum + (summaryOf(dataset, `container_${name}_cpu`)?.mean ?? 0),
    0,
  );
  const of = cpuCount === null ? "\u{a0}CPUs" : ` of ${formatCount(cpuCount, "CPU")}`;
  if (names.length === 1) {
    return words.use(count, first, formatNumber(cpu.mean / 100) + of);
  }
  return `${words.together(count, formatNumber(total / 100) + of)} ${words.busiest(first, formatNumber(cpu.mean / 100), formatNumber(cpu.p95 / 100))}`;
}

function lines(
  context: Context,
  names: readonly string[],
  { id, title, field }: { id: string; title: string; field: string },
): Block[] {
  const shown = names
    .flatMap((name) => {
      const measure = context.dataset.measure(`container_${name}_${field}`);
      return measure === null ? [] : [{ name, measure }];
    })
    .slice(0, colors.length);
  const [first, ...others] = shown.map(({ name, measure }, index): Series => ({
    label: name,
    color: colors[index] ?? "blue",
    buckets: context.dataset.course(measure),
  }));
  const unit = shown[0]?.measure.unit;
  if (first === undefined || unit === undefined) return [];
  return [
    figure(context, {
      id,
      title,
      measures: shown.map(({ measure }) => measure),
      labels: shown.map(({ name }) => name),
      draw: (text) =>
        timeSeriesChart({ ...text, unit, series: [first, ...others], bandless: true }),
    }),
  ];
}

function overview(dataset: Dataset, names: readonly string[]): Table {
  const cell = (name: string, key: keyof Summary): string => {
    const measure = dataset.measure(name);
    return measure === null ? "–" : formatValue(dataset.summary(measure)[key], measure.unit);
  };
  const cpus = (name: string, key: keyof Summary): string => {
    const summary = summaryOf(dataset, name);
    return summary === null ? "–" : formatNumber(summary[key] / 100);
  };
  return {
    kind: "table",
    caption: words.overview,
    columns: [
      { label: words.columns.name, align: "left" },
      { label: words.columns.cpuMean, align: "right" },
      { label: words.columns.cpuP95, align: "right" },
      { label: words.columns.cpuLimit, align: "right" },
      { label: words.columns.throttled, align: "right" },
      { label: words.columns.memory, align: "right" },
      { label: words.columns.anonymous, align: "right" },
      { label: words.columns.memoryLimit, align: "right" },
      { label: words.columns.read, align: "right" },
      { label: words.columns.written, align: "right" },
      { label: words.columns.tasks, align: "right" },
    ],
    rows: names.map((name) => {
      const of = (field: string): string => `container_${name}_${field}`;
      return [
        name,
        cpus(of("cpu"), "mean"),
        cpus(of("cpu"), "p95"),
        cpus(of("cpu_limit"), "max"),
        cell(of("throttled"), "p95"),
        cell(of("memory_bytes"), "p95"),
        cell(of("memory_anonymous_bytes"), "p95"),
        cell(of("memory_limit_bytes"), "max"),
        cell(of("read_bytes"), "mean"),
        cell(of("write_bytes"), "mean"),
        cell(of("pids"), "max"),
      ];
    }),
  };
}

function figures(context: Context, name: string): Block[] {
  const anonymous = `container_${name}_memory_anonymous_bytes`;
  const hasAnonymous = context.dataset.measure(anonymous) !== null;
  return [
    { kind: "heading", text: words.container(name) },
    ...limitedFigure(context, {
      id: chartIds.containerCpu(name),
      title: words.ownCpu(name),
      name: `container_${name}_cpu`,
      limit: `container_${name}_cpu_limit`,
      color: "blue",
    }),
    ...(happened(context, `container_${name}_throttled`)
      ? [
          measureFigure(context, {
            id: chartIds.containerThrottled(name),
            title: words.ownThrottled(name),
            name: `container_${name}_throttled`,
            color: "vermilion",
            thresholds: [
              {
                value: limits.throttledPercent,
                label: words.throttledLimit(limits.throttledPercent),
              },
            ],
          }),
        ].filter((block) => block !== null)
      : []),
    ...limitedFigure(context, {
      id: chartIds.containerMemory(name),
      title: hasAnonymous ? words.ownAnonymous(name) : words.ownMemory(name),
      name: hasAnonymous ? anonymous : `container_${name}_memory_bytes`,
      limit: `container_${name}_memory_limit_bytes`,
      color: "orange",
    }),
  ];
}

/** A series with the container's own limit, where it has one. None where the file does not have the series. */
function limitedFigure(
  context: Context,
  { limit, ...options }: MeasureFigureOptions & { limit: string },
): Block[] {
  const { dataset } = context;
  const unit = dataset.measure(options.name)?.unit;
  const value = summaryOf(dataset, limit)?.max;
  const thresholds =
    value === undefined || unit === undefined
      ? []
      : [{ value, label: words.limit(formatValue(value, unit)) }];
  // Its CPU time is of one CPU, of which it may use several.
  const shown = measureFigure(context, { ...options, thresholds, isOfWhole: false });
  return shown === null ? [] : [shown];
}
