import type { Resource } from "@perfanalysis/contract/metrics";
import { parseColumn } from "@perfanalysis/contract/columns";
import { rules } from "../findings/rules.ts";
import { formatDuration } from "../format.ts";
import type { Measure } from "../statistics/dataset.ts";
import type { Context } from "./context.ts";
import type { Block, Section, Table } from "./model.ts";
import { statisticsTable } from "./statistics-table.ts";

const resources: [resource: Resource, title: string][] = [
  ["cpu", "CPU"],
  ["load", "Load and kernel activity"],
  ["memory", "Memory and swap"],
  ["paging", "Paging"],
  ["pressure", "Pressure"],
  ["disk", "Disks"],
  ["network", "Network"],
  ["filesystem", "File systems"],
  ["container", "Containers"],
  ["collector", "The collector's own cost"],
];

export function annexSection(context: Context): Section {
  return {
    id: "annex",
    title: "Annex",
    blocks: [
      { kind: "heading", text: "All metrics" },
      ...allStatistics(context),
      { kind: "heading", text: "Rules" },
      rulesTable(),
      { kind: "heading", text: "Method" },
      { kind: "list", items: method(context) },
      { kind: "heading", text: "Glossary" },
      glossary(context),
    ],
  };
}

function allStatistics({ dataset }: Context): Block[] {
  const empty = dataset.columns.filter((column) => dataset.summary(column).count === 0);
  const tables = resources.flatMap(([resource, title]) => {
    const measures = dataset.columns.filter(
      (column) =>
        parseColumn(column.name)?.metric.resource === resource && dataset.summary(column).count > 0,
    );
    if (measures.length === 0) return [];
    const name = (measure: Measure) => [{ kind: "code", text: measure.name } as const];
    return [statisticsTable(dataset, { caption: title, measures, name, withSpread: true })];
  });
  if (empty.length === 0) return tables;
  const names = empty.map(({ name }) => name).join(", ");
  return [...tables, { kind: "paragraph", text: `Columns without a single value: ${names}.` }];
}

function rulesTable(): Table {
  return {
    kind: "table",
    caption: "When each rule fires, and where its thresholds come from",
    columns: [
      { label: "Rule", align: "left" },
      { label: "Fires when", align: "left" },
      { label: "Source", align: "left" },
    ],
    rows: rules.map(({ id, definition, source }) => [
      [{ kind: "code", text: id }],
      definition,
      source,
    ]),
  };
}

function method({ dataset, span }: Context): string[] {
  return [
    "Percentiles are exact, of the raw samples, by definition 7 of Hyndman and Fan (1996), the default of R and NumPy: every sample weighs the same.",
    "Means are weighed by time: a sample stands for the seconds since the one before, behind a gap for one interval. At a steady pace that is the plain mean.",
    "SD is the standard deviation. MAD is the median distance from the median, which rare extremes do not move; for normally distributed values it is 0.67 SD.",
    "Gaps are gaps: an empty cell or a missing sample enters no figure, breaks the line of a chart, and ends a period that a rule looks at.",
    "CPU busy is 100 − idle − I/O wait. I/O wait is a kind of idle: the CPU could have worked, had there been work that did not wait for a disk.",
    "Available memory is the kernel's own estimate (MemAvailable) of what programs could get without swapping.",
    `Charts show ${formatDuration(span.bucketS)} a point: the line is the mean of its samples, the band reaches from the smallest to the largest.`,
    `Rules judge means of ${formatDuration(Math.max(60, dataset.timing.intervalS ?? 60))}, with one threshold to enter a state and a milder one to leave it, so that a value around the limit is one period, not many.`,
    "The disk shown first moved the most bytes, the interface shown first had the most traffic; loop devices, memory disks, layers of other disks, the loopback interface and the near ends of containers come last.",
    "All times are UTC.",
  ];
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
    caption: "What the metrics mean; Δ is growth over an interval, Δt the seconds that passed",
    columns: [
      { label: "Metric", align: "left" },
      { label: "Meaning", align: "left" },
      { label: "How it is measured", align: "left" },
    ],
    rows: [...entries.values()],
  };
}
