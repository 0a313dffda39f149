import type { Resource } from "@perfanalysis/contract/metrics";
import { parseColumn } from "@perfanalysis/contract/columns";
import { rules } from "../findings/rules.ts";
import { formatDuration, keepUnits } from "../format.ts";
import type { Measure } from "../statistics/dataset.ts";
import { minuteLengthS } from "../statistics/episodes.ts";
import type { Context } from "./context.ts";
import type { Block, Section, Table } from "./model.ts";
import { statisticsTable } from "./statistics-table.ts";
import { texts } from "../texts/english.ts";

const words = texts.annex;
const resources: Resource[] = [
  "cpu",
  "load",
  "memory",
  "paging",
  "pressure",
  "disk",
  "network",
  "filesystem",
  "container",
  "collector",
];

export function annexSection(context: Context): Section {
  return {
    id: "annex",
    title: words.title,
    blocks: [
      { kind: "heading", text: words.metrics },
      ...allStatistics(context),
      { kind: "heading", text: words.rules },
      rulesTable(),
      { kind: "heading", text: words.method },
      { kind: "list", items: method(context) },
      { kind: "heading", text: words.glossary },
      glossary(context),
    ],
  };
}

function allStatistics({ dataset }: Context): Block[] {
  const empty = dataset.columns.filter((column) => dataset.summary(column).count === 0);
  const measured = resources.map((resource) => ({
    resource,
    measures: dataset.columns.filter(
      (column) =>
        parseColumn(column.name)?.metric.resource === resource && dataset.summary(column).count > 0,
    ),
  }));
  const name = (measure: Measure) => [{ kind: "code", text: measure.name } as const];
  const tables = measured.flatMap(({ resource, measures }): Block[] => {
    const caption = words.resources[resource];
    return measures.length === 0
      ? []
      : [statisticsTable(dataset, { caption, measures, name, withSpread: true })];
  });
  const absent = measured.flatMap(({ resource, measures }) =>
    measures.length === 0 ? [words.resources[resource]] : [],
  );
  const names = empty.map((column) => column.name);
  return [
    ...tables,
    ...(absent.length === 0 ? [] : [paragraph(words.absent(absent.join(", ")))]),
    ...(names.length === 0 ? [] : [paragraph(words.empty(names.join(", ")))]),
  ];
}

function paragraph(text: string): Block {
  return { kind: "paragraph", text };
}

function rulesTable(): Table {
  return {
    kind: "table",
    caption: words.rulesCaption,
    columns: [
      { label: words.rulesColumns.rule, align: "left" },
      { label: words.rulesColumns.firesWhen, align: "left" },
      { label: words.rulesColumns.source, align: "left" },
    ],
    rows: rules.map(({ id, definition, source }) => [
      [{ kind: "code", text: id }],
      keepUnits(definition),
      keepUnits(source),
    ]),
  };
}

function method({ dataset: { span, timing }, zone }: Context): string[] {
  const judged = formatDuration(minuteLengthS(timing));
  return words.methods(formatDuration(span.bucketS), judged, zone.name);
}

/** Only of what is in this report, each metric once whatever the number of devices. */
function glossary({ dataset }: Context): Table {
  const entries = new Map<string, [label: string, help: string, source: string]>();
  for (const { name } of dataset.columns) {
    const metric = parseColumn(name)?.metric;
    if (metric !== undefined && metric.scope !== "cpu") {
      entries.set(metric.name, [metric.label, metric.help, `${metric.source}: ${metric.formula}`]);
    }
  }
  return {
    kind: "table",
    caption: words.glossaryCaption,
    columns: [
      { label: words.glossaryColumns.metric, align: "left" },
      { label: words.glossaryColumns.meaning, align: "left" },
      { label: words.glossaryColumns.measured, align: "left" },
    ],
    rows: [...entries.values()],
  };
}
