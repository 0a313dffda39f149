import { stackedChart, type Layer } from "../charts/stacked.ts";
import { timeSeriesChart } from "../charts/time-series.ts";
import type { Color } from "../charts/palette.ts";
import { chartIds } from "../findings/finding.ts";
import { limits } from "../findings/limits.ts";
import { formatValue } from "../format.ts";
import { figure, meansOf, measuresOf, seriesOf, type Context } from "./context.ts";
import { courseBlocks } from "./course.ts";
import { cpuMeasures, cpuStripsFigure } from "./cpu-strips.ts";
import { distributionBlocks } from "./distribution.ts";
import type { Block, Section, Table } from "./model.ts";
import { statisticsTable } from "./statistics-table.ts";
import { useBlock } from "./use-table.ts";
import { texts } from "../texts/english.ts";

const words = texts.cpu;

/** From the bottom of the stack up: work first, then what is not work. */
const layers: [label: string, color: Color, columns: string[]][] = [
  [words.modes.user, "blue", ["cpu_user", "cpu_nice"]],
  [words.modes.system, "orange", ["cpu_system"]],
  [words.modes.interrupts, "green", ["cpu_irq", "cpu_softirq"]],
  [words.modes.steal, "vermilion", ["cpu_steal"]],
  [words.modes.iowait, "purple", ["cpu_iowait"]],
];

const mostCpus = 16;

/** Null where the file has nothing of it. */
export function cpuSection(context: Context): Section | null {
  const { dataset, cpuCount } = context;
  const isOne = cpuCount === 1;
  const busy = dataset.measure("cpu_busy");
  const measures = measuresOf(context, ["cpu_busy", ...modes]);
  if (measures.length === 0 && cpuMeasures(dataset).length === 0) return null;
  const blocks: Block[] = [];
  if (busy !== null) {
    const { mean, p95, max } = dataset.summary(busy);
    const reading = words.introduction(isOne, {
      mean: formatValue(mean, "percent"),
      p95: formatValue(p95, "percent"),
      max: formatValue(max, "percent"),
    });
    blocks.push({ kind: "paragraph", text: `${reading} ${spentOn(context)}`.trim() });
    blocks.push(
      figure(context, {
        id: chartIds.cpuBusy,
        title: words.busyTitle(isOne),
        measures: [busy],
        draw: (text) =>
          timeSeriesChart({
            ...text,
            unit: "percent",
            series: [seriesOf(context, busy, { label: words.busyLabel, color: "blue" })],
            thresholds: [
              { value: limits.cpuBusyPercent, label: words.limit(limits.cpuBusyPercent) },
            ],
            wholePercent: true,
          }),
      }),
    );
  } else {
    blocks.push({ kind: "paragraph", text: `${words.noBusy} ${spentOn(context)}`.trim() });
  }
  blocks.push(
    useBlock(context, words.title, {
      utilisation: ["cpu_busy"],
      saturation: ["procs_running", "psi_cpu_some", "cpu_steal"],
      errors: [],
    }),
  );
  const spentFigure = modesFigure(context);
  if (spentFigure !== null) blocks.push(spentFigure);
  if (measures.length > 0) {
    blocks.push(statisticsTable(dataset, { caption: words.statistics(isOne), measures }));
  }
  if (busy !== null) {
    blocks.push(
      ...courseBlocks(context, { measure: busy, title: words.busy, id: "cpu", high: 100 }),
    );
    blocks.push(...distributionBlocks(context, { measure: busy, title: words.busy, id: "cpu" }));
  }
  const strips = cpuStripsFigure(context);
  const perCpu = perCpuTable(context);
  if (strips !== null || perCpu !== null) blocks.push({ kind: "heading", text: words.each });
  if (strips !== null) blocks.push(strips);
  if (perCpu !== null) blocks.push(perCpu);
  return { id: "cpu", title: words.title, blocks };
}

const modes = ["user", "nice", "system", "irq", "softirq", "steal", "iowait", "idle", "guest"].map(
  (mode) => `cpu_${mode}`,
);

function spentOn(context: Context): string {
  const parts = layers.flatMap(([label, , columns]) => {
    const measures = measuresOf(context, columns);
    if (measures.length === 0) return [];
    const mean = measures.reduce((sum, one) => sum + context.dataset.summary(one).mean, 0);
    return [
      `${label === words.modes.iowait ? label : label.toLowerCase()} ${formatValue(mean, "percent")}`,
    ];
  });
  return parts.length === 0 ? "" : words.byMode(parts.join(", "));
}

/** Null where no mode but idling was measured. */
function modesFigure(context: Context): Block | null {
  const drawn = layers.flatMap(([label, color, columns]): Layer[] => {
    const [first, ...others] = measuresOf(context, columns).map((one) => meansOf(context, one));
    if (first === undefined) return [];
    const means = first.map((value, index) =>
      others.reduce((sum, other) => sum + (other[index] ?? NaN), value),
    );
    return [{ label, color, means }];
  });
  if (drawn.length === 0) return null;
  return figure(context, {
    id: "chart-cpu-modes",
    title: words.modesTitle,
    measures: measuresOf(context, modes),
    draw: (text) =>
      stackedChart({
        ...text,
        unit: "percent",
        span: context.dataset.span,
        layers: drawn,
        wholePercent: true,
      }),
  });
}

/** The CPUs that were busiest on average; null where the file has none by itself. */
function perCpuTable({ dataset }: Context): Table | null {
  const cpus = cpuMeasures(dataset).map(({ cpu, idle, iowait }) => {
    const waits = iowait?.values;
    const values = idle.values.map((value, row) =>
      Math.max(0, 100 - value - (waits === undefined ? 0 : (waits[row] ?? NaN))),
    );
    return { device: cpu, summary: dataset.summarize(values) };
  });
  if (cpus.length === 0) return null;
  const busiest = cpus.toSorted((a, b) => b.summary.mean - a.summary.mean).slice(0, mostCpus);
  const percent = (value: number): string => formatValue(value, "percent");
  const { mean, p50, p95, p99, max } = words.columns;
  return {
    kind: "table",
    caption: cpus.length > mostCpus ? words.busiest(mostCpus, cpus.length) : words.busyTimes,
    columns: [
      { label: words.columns.cpu, align: "left" },
      ...[mean, p50, p95, p99, max].map((label) => ({ label, align: "right" as const })),
    ],
    rows: busiest.map(({ device, summary }) => [
      words.one(device),
      ...[summary.mean, summary.p50, summary.p95, summary.p99, summary.max].map(percent),
    ]),
  };
}
