import type { Color } from "../charts/palette.ts";
import { timeSeriesChart, type Series } from "../charts/time-series.ts";
import { formatValue } from "../format.ts";
import { figure, measuresOf, type Context } from "./context.ts";
import { courseBlocks } from "./course.ts";
import { distributionBlocks } from "./distribution.ts";
import type { Block, Section, Table } from "./model.ts";
import { statisticsTable } from "./statistics-table.ts";
import { texts } from "../texts/english.ts";

const words = texts.pressure;
const some: [name: string, color: Color][] = [
  ["psi_cpu_some", "blue"],
  ["psi_io_some", "purple"],
  ["psi_memory_some", "orange"],
];
const full = ["psi_cpu_full", "psi_io_full", "psi_memory_full"];

/** Null where the kernel has no pressure stall information: absent is not zero. */
export function pressureSection(context: Context): Section | null {
  const names = some.map(([name]) => name);
  const measures = measuresOf(context, [...names, ...full]);
  if (measures.length === 0) return null;
  const blocks: Block[] = [
    {
      kind: "paragraph",
      text: words.introduction,
    },
    besideUse(context),
  ];
  const [first, ...others] = some.flatMap(([name, color]): Series[] => {
    const measure = context.dataset.measure(name);
    return measure === null
      ? []
      : [{ label: measure.label, color, buckets: context.dataset.course(measure) }];
  });
  if (first !== undefined) {
    blocks.push(
      figure(context, {
        id: "chart-pressure",
        title: words.chart,
        measures: measuresOf(context, names),
        draw: (text) =>
          timeSeriesChart({ ...text, unit: "percent", series: [first, ...others], bandless: true }),
      }),
    );
  }
  const worst = measuresOf(context, names).toSorted(
    (a, b) => context.dataset.summary(b).p95 - context.dataset.summary(a).p95,
  )[0];
  if (worst !== undefined && context.dataset.summary(worst).max > 0) {
    blocks.push(
      ...courseBlocks(context, { measure: worst, title: worst.label, id: "pressure" }),
      ...distributionBlocks(context, { measure: worst, title: worst.label, id: "pressure" }),
    );
  }
  blocks.push(statisticsTable(context.dataset, { caption: words.statistics, measures }));
  return { id: "pressure", title: words.title, blocks };
}

/** What is used and what is waited for are two questions: a resource may be full without a wait, and waited for while it is not. */
function besideUse({ dataset, disks }: Context): Table {
  const [disk] = disks;
  const rows: [resource: string, use: string, kind: string][] = [
    [texts.cpu.title, "cpu_busy", "cpu"],
    [texts.memory.title, "mem_used_percent", "memory"],
    [disk === undefined ? texts.disk.title : texts.disk.one(disk), `disk_${disk ?? ""}_busy`, "io"],
  ];
  const cells = (name: string): string[] => {
    const measure = dataset.measure(name);
    if (measure === null) return ["–", "–"];
    const { mean, p95 } = dataset.summary(measure);
    return [mean, p95].map((value) => formatValue(value, measure.unit));
  };
  const { columns } = words;
  return {
    kind: "table",
    caption: words.besideUse,
    columns: [
      { label: columns.resource, align: "left" },
      ...[columns.use, columns.some, columns.full].flatMap((kind) =>
        [columns.mean, columns.p95].map((of) => ({
          label: `${kind}, ${of}`,
          align: "right" as const,
        })),
      ),
    ],
    rows: rows.map(([resource, use, kind]) => [
      resource,
      ...cells(use),
      ...cells(`psi_${kind}_some`),
      ...cells(`psi_${kind}_full`),
    ]),
  };
}
