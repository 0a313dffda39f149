import { deviceOfSums } from "@perfanalysis/contract/columns";
import type { LineSpeed } from "../capacity/line-speeds.ts";
import { chartIds, idPart } from "../findings/finding.ts";
import { formatBitRate, formatValue } from "../format.ts";
import type { Measure } from "../statistics/dataset.ts";
import { connectionBlocks } from "./connections.ts";
import type { Context } from "./context.ts";
import { courseBlocks } from "./course.ts";
import { distributionBlocks } from "./distribution.ts";
import { useBlock } from "./use-table.ts";
import { trafficFigure, wasUsed } from "./device-figures.ts";
import type { Block, Figure, Section, Table } from "./model.ts";
import { statisticsTable } from "./statistics-table.ts";
import { texts } from "../texts/english.ts";

const words = texts.network;
/** Interfaces beyond the first that still get a chart. */
const mostOthers = 3;
/** … and a table of their own; the overview and the annex have all. */
const mostTables = 11;

/** Null where the file has nothing of it. */
export function networkSection(context: Context): Section | null {
  const [first, ...others] = context.interfaces;
  const connections = connectionBlocks(context);
  if (first === undefined) {
    if (connections.length === 0) return null;
    return {
      id: "network",
      title: words.title,
      blocks: [{ kind: "paragraph", text: words.noInterfaces }, ...connections],
    };
  }
  return {
    id: "network",
    title: words.title,
    blocks: [
      { kind: "paragraph", text: introduction(context, first) },
      useBlock(context, words.one(first), {
        utilisation: [`net_${first}_rx_bytes`, `net_${first}_tx_bytes`],
        saturation: [`net_${first}_rx_drops`, `net_${first}_tx_drops`, "tcp_retransmits"],
        errors: [`net_${first}_rx_errors`, `net_${first}_tx_errors`],
      }),
      ...(others.length === 0 ? [] : [overview(context)]),
      { kind: "heading", text: words.one(first) },
      ...figures(context, first, ["bytes", "packets", "errors", "drops"]),
      interfaceTable(context, first),
      ...courseOf(context, first),
      ...others.flatMap((name, index) =>
        index < mostOthers || context.suspects.has(chartIds.interfaceBytes(name))
          ? figures(context, name, ["bytes"])
          : [],
      ),
      ...others.flatMap((name) => suspectFigures(context, name)),
      ...others
        .filter((name) => wasUsed(context, "net", name))
        .slice(0, mostTables)
        .map((name) => interfaceTable(context, name)),
      ...connections,
    ],
  };
}

/** Of an interface other than the first, what a finding speaks of. */
function suspectFigures(context: Context, name: string): Figure[] {
  const { suspects } = context;
  return figures(
    context,
    name,
    (["errors", "drops"] as const).filter((field) =>
      suspects.has(
        field === "errors" ? chartIds.interfaceErrors(name) : chartIds.interfaceDrops(name),
      ),
    ),
  );
}

type TrafficField = "bytes" | "packets" | "errors" | "drops";

/** Errors and drops have a figure only where there were any. */
function figures(context: Context, name: string, fields: TrafficField[]): Figure[] {
  return fields.flatMap(
    (field) =>
      trafficFigure(context, {
        id: `chart-net-${field}-${idPart(name)}`,
        title: words[field](name),
        up: `net_${name}_rx_${field}`,
        down: `net_${name}_tx_${field}`,
      }) ?? [],
  );
}

/** By the direction that carried more. */
function courseOf(context: Context, name: string): Block[] {
  const { dataset } = context;
  const [first, second] = [`net_${name}_rx_bytes`, `net_${name}_tx_bytes`].map((column) =>
    dataset.measure(column),
  );
  const meanOf = (measure: Measure | null | undefined): number =>
    measure === null || measure === undefined ? -1 : dataset.summary(measure).mean;
  const measure = meanOf(second) > meanOf(first) ? second : first;
  if (measure === null || measure === undefined) return [];
  const title = measure === first ? words.received(name) : words.sent(name);
  const id = `net-${idPart(name)}`;
  return [
    ...courseBlocks(context, { measure, title, id }),
    ...distributionBlocks(context, { measure, title, id }),
  ];
}

function introduction(context: Context, first: string): string {
  const { dataset, interfaces } = context;
  const [received, sent] = ["rx_bytes", "tx_bytes"].map((field) => {
    const measure = dataset.measure(`net_${first}_${field}`);
    return measure === null ? null : formatValue(dataset.summary(measure).mean, "bytes/s");
  });
  if (typeof received !== "string" && typeof sent !== "string") {
    return `${words.notMoved(words.one(first))} ${faults(context)}`;
  }
  const only = first === deviceOfSums ? words.together(first) : words.one(first);
  const choice = interfaces.length === 1 ? only : words.first(interfaces.length, first);
  return [
    `${choice} ${words.moved(received ?? "–", sent ?? "–")}`,
    ...lineOf(context, first),
    faults(context),
  ].join(" ");
}

function lineOf({ speeds, doubtedSpeeds }: Context, name: string): string[] {
  const speed = speeds.get(name);
  const doubt = doubtedSpeeds.get(name);
  if (doubt !== undefined) {
    const { toldBytesPerS, carriedBytesPerS } = doubt;
    return [words.doubtedLine(formatBitRate(toldBytesPerS), formatBitRate(carriedBytesPerS))];
  }
  if (speed === undefined) return [];
  return [words.line(formatBitRate(speed.bytesPerS), speed.from === "machine")];
}

function faults({ dataset, interfaces }: Context): string {
  const measures = interfaces.flatMap((name) =>
    ["rx_errors", "tx_errors", "rx_drops", "tx_drops"].flatMap(
      (field) => dataset.measure(`net_${name}_${field}`) ?? [],
    ),
  );
  if (measures.length === 0) return words.faultsUnknown;
  const faulty = measures.filter((measure) => dataset.summary(measure).max > 0);
  if (faulty.length === 0) return words.noFaults;
  const names = new Set(faulty.map(({ device }) => device));
  return words.faults([...names].join(", "));
}

function overview({ dataset, interfaces, speeds }: Context): Table {
  const fields = ["rx_bytes", "tx_bytes", "rx_packets", "tx_packets"];
  const { columns } = words;
  return {
    kind: "table",
    caption: words.overview,
    columns: [
      { label: columns.interface, align: "left" },
      ...(speeds.size === 0 ? [] : [{ label: columns.speed, align: "right" as const }]),
      ...[columns.received, columns.receivedP95, columns.sent, columns.sentP95].map((label) => ({
        label,
        align: "right" as const,
      })),
      ...[columns.packetsIn, columns.packetsOut].map((label) => ({
        label,
        align: "right" as const,
      })),
    ],
    rows: interfaces.map((name) => [
      name,
      ...(speeds.size === 0 ? [] : [speedCell(speeds.get(name))]),
      ...fields.flatMap((field) => {
        const measure = dataset.measure(`net_${name}_${field}`);
        const summary = measure === null ? null : dataset.summary(measure);
        const cell = (value: number | undefined): string =>
          measure === null || value === undefined ? "–" : formatValue(value, measure.unit);
        return field.endsWith("bytes")
          ? [cell(summary?.mean), cell(summary?.p95)]
          : [cell(summary?.p95)];
      }),
    ]),
  };
}

function speedCell(speed: LineSpeed | undefined): string {
  return speed === undefined ? "–" : formatBitRate(speed.bytesPerS);
}

function interfaceTable({ dataset }: Context, name: string): Block & Table {
  return statisticsTable(dataset, {
    caption: words.figures(name),
    measures: dataset.columns.filter(
      (measure) =>
        measure.name.startsWith("net_") &&
        measure.device === name &&
        dataset.measure(measure.name) !== null,
    ),
  });
}
