import { deviceOfSums } from "@perfanalysis/contract/columns";
import { chartIds, idPart } from "../findings/finding.ts";
import { limits } from "../findings/limits.ts";
import { formatFixed, formatValue } from "../format.ts";
import { figure, type Context } from "./context.ts";
import { courseBlocks } from "./course.ts";
import { distributionBlocks } from "./distribution.ts";
import { percentileBarsChart } from "../charts/percentile-bars.ts";
import { useBlock } from "./use-table.ts";
import { byBusy, measureFigure, trafficFigure, wasUsed } from "./device-figures.ts";
import type { Block, Figure, Section, Table } from "./model.ts";
import { statisticsTable } from "./statistics-table.ts";
import { texts } from "../texts/english.ts";

const words = texts.disk;
/** Disks beyond the first that still get a chart. */
const mostOthers = 3;
/** … and a table of their own; the overview and the annex have all. */
const mostTables = 11;
/** More would be higher than a page of A4. */
const mostBars = 20;

/** Null where the file has no disk. */
export function diskSection(context: Context): Section | null {
  const { disks, dataset, suspects } = context;
  const [first, ...others] = disks;
  if (first === undefined) return null;
  const charted = others.filter((name, index) => index < mostOthers || suspects.has(name));
  return {
    id: "disk",
    title: words.title,
    blocks: [
      { kind: "paragraph", text: introduction(context, first) },
      useBlock(context, words.one(first), {
        utilisation: [`disk_${first}_busy`],
        saturation: [`disk_${first}_queue`, `disk_${first}_await_ms`, "psi_io_some"],
        errors: [],
      }),
      ...(others.length === 0 ? [] : [overview(context)]),
      ...present([busyBars(context)]),
      ...fullBlocks(context, first),
      ...charted.flatMap((name) =>
        suspects.has(name) ? fullBlocks(context, name) : present([throughput(context, name)]),
      ),
      ...others
        .filter((name) => wasUsed(context, "disk", name))
        .slice(0, mostTables)
        .map((name) => deviceTable(context, name)),
    ],
  };

  function fullBlocks(whole: Context, name: string): Block[] {
    return [
      { kind: "heading", text: words.one(name) },
      ...present([
        throughput(whole, name),
        measureFigure(whole, {
          id: chartIds.diskBusy(name),
          title: words.busy(name),
          name: `disk_${name}_busy`,
          color: "blue",
          thresholds: [
            { value: limits.diskBusyPercent, label: words.busyLimit(limits.diskBusyPercent) },
          ],
        }),
        measureFigure(whole, {
          id: chartIds.diskQueue(name),
          title: words.queue(name),
          name: `disk_${name}_queue`,
          color: "purple",
          thresholds: [{ value: limits.diskQueue, label: words.queueLimit(limits.diskQueue) }],
        }),
        measureFigure(whole, {
          id: chartIds.diskAwait(name),
          title: words.requestTime(name),
          name: `disk_${name}_await_ms`,
          color: "green",
        }),
        trafficFigure(whole, {
          id: chartIds.diskRequests(name),
          title: words.requests(name),
          up: `disk_${name}_reads`,
          down: `disk_${name}_writes`,
        }),
      ]),
      ...(name === first ? [deviceTable(whole, name), ...courseOf(whole, name)] : []),
    ];
  }

  function deviceTable(whole: Context, name: string): Table {
    return statisticsTable(whole.dataset, {
      caption: words.figures(name),
      measures: dataset.columns.filter(
        (measure) =>
          measure.name.startsWith("disk_") &&
          measure.device === name &&
          whole.dataset.measure(measure.name) !== null,
      ),
    });
  }
}

/** By how busy it was; by what it moved where the file does not say how busy. */
function courseOf(context: Context, name: string): Block[] {
  const { dataset } = context;
  const busy = dataset.measure(`disk_${name}_busy`);
  const measure = busy ?? dataset.measure(`disk_${name}_write_bytes`);
  if (measure === null) return [];
  const title = busy === null ? words.writtenCourse(name) : words.busyCourse(name);
  const wait = dataset.measure(`disk_${name}_await_ms`);
  return [
    ...courseBlocks(context, {
      measure,
      title,
      id: `disk-${idPart(name)}`,
      ...(busy === null ? {} : { high: 100 }),
    }),
    ...distributionBlocks(context, {
      measure: wait ?? measure,
      title: wait === null ? title : words.requestTimes(name),
      id: `disk-${idPart(name)}`,
    }),
  ];
}

/** Disks side by side, the busiest first, where the file says how busy they were. */
function busyBars(context: Context): Figure | null {
  const { disks, dataset } = context;
  const all = byBusy(context, disks);
  const measures = all.slice(0, mostBars);
  if (measures.length < 2) return null;
  return {
    ...figure(context, {
      id: "chart-disks-busy",
      title: words.sideBySide(measures.length, all.length),
      measures: measures.slice(0, 1).map(({ measure }) => measure),
      draw: (text) =>
        percentileBarsChart({
          ...text,
          description: measures
            .map(({ name, measure }) => {
              const { p95, max } = dataset.summary(measure);
              return texts.figure.describeBar(
                name,
                formatValue(p95, "percent"),
                formatValue(max, "percent"),
              );
            })
            .join(" "),
          unit: "percent",
          high: 100,
          rows: measures.map(({ name, measure }) => ({ label: name, ...dataset.summary(measure) })),
        }),
    }),
    note: texts.figure.exact,
  };
}

function present<T>(blocks: (T | null)[]): T[] {
  return blocks.filter((block) => block !== null);
}

function throughput(context: Context, name: string): Block | null {
  return trafficFigure(context, {
    id: `chart-disk-bytes-${idPart(name)}`,
    title: words.traffic(name),
    up: `disk_${name}_read_bytes`,
    down: `disk_${name}_write_bytes`,
  });
}

/** Both directions; null where the file has neither. */
function meanBytes({ dataset }: Context, name: string): number | null {
  const measures = ["read_bytes", "write_bytes"].flatMap(
    (field) => dataset.measure(`disk_${name}_${field}`) ?? [],
  );
  if (measures.length === 0) return null;
  return measures.reduce((sum, measure) => sum + dataset.summary(measure).mean, 0);
}

function introduction(context: Context, first: string): string {
  const mean = meanBytes(context, first);
  const moved = mean === null ? words.notMoved : words.moved(formatValue(mean, "bytes/s"));
  if (context.disks.length > 1) return `${words.first(context.disks.length, first)} ${moved}`;
  return `${first === deviceOfSums ? words.together(first) : words.only(first)} ${moved}`;
}

function overview({ dataset, disks }: Context): Table {
  const cell = (column: string, key: "mean" | "p95"): string => {
    const measure = dataset.measure(column);
    if (measure === null) return "–";
    const value = dataset.summary(measure)[key];
    return measure.unit === "count" ? formatFixed(value, 2) : formatValue(value, measure.unit);
  };
  return {
    kind: "table",
    caption: words.overview,
    columns: [
      { label: words.columns.disk, align: "left" },
      { label: words.columns.read, align: "right" },
      { label: words.columns.written, align: "right" },
      { label: words.columns.reads, align: "right" },
      { label: words.columns.writes, align: "right" },
      { label: words.columns.busy, align: "right" },
      { label: words.columns.queue, align: "right" },
      { label: words.columns.requestTime, align: "right" },
    ],
    rows: disks.map((name) => [
      name,
      cell(`disk_${name}_read_bytes`, "mean"),
      cell(`disk_${name}_write_bytes`, "mean"),
      cell(`disk_${name}_reads`, "p95"),
      cell(`disk_${name}_writes`, "p95"),
      cell(`disk_${name}_busy`, "p95"),
      cell(`disk_${name}_queue`, "p95"),
      cell(`disk_${name}_await_ms`, "p95"),
    ]),
  };
}
