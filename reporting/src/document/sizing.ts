import { measureHeadroom, type Headroom } from "../capacity/headroom.ts";
import { priceWork, type WorkDone } from "../capacity/price.ts";
import {
  sizeCpus,
  sizeMemory,
  sizingRefusal,
  type Sizing,
  type SizingOption,
} from "../capacity/sizing.ts";
import { formatCount, formatFixed, formatNumber, formatValue, lowerFirst } from "../format.ts";
import { formatGibibytes } from "../capacity/sizes.ts";
import { texts } from "../texts/english.ts";
import { useFigure } from "./capacity-figures.ts";
import type { Context } from "./context.ts";
import type { Block, Section, Table } from "./model.ts";

const words = texts.sizing;
/** Rows of the table of headroom; a machine with a hundred disks has them in the disk section. */
const mostResources = 16;

/** Null where the file has no resource of which anything could be left. */
export function sizingSection(context: Context): Section | null {
  const { dataset, grade, cpuCount } = context;
  const headroom = measureHeadroom(dataset, context);
  if (headroom.length === 0) return null;
  const refusal = sizingRefusal(dataset, grade);
  const use = useFigure(context, headroom);
  return {
    id: "sizing",
    title: words.title,
    blocks: [
      { kind: "paragraph", text: introduction(headroom) },
      ...(use === null ? [] : [use]),
      headroomTable(headroom.slice(0, mostResources)),
      ...(headroom.some(({ kind }) => kind === "disk") ? [note(words.diskNote)] : []),
      ...(headroom.some(({ limitKind }) => limitKind === "peak") ? [note(words.peakNote)] : []),
      ...(headroom.some((each) => isTold(context, each)) ? [note(words.toldNote)] : []),
      { kind: "heading", text: words.rightSize },
      ...(refusal === null
        ? [
            note(words.method),
            ...sizeBlocks(words.cpus, sizeCpus(dataset, grade, cpuCount), cpuTable),
            ...sizeBlocks(words.memory, sizeMemory(dataset, grade), memoryTable),
          ]
        : [note(words.refused(refusal))]),
      ...priceBlocks(context),
    ],
  };
}

function isTold({ speeds }: Context, { kind, measure: { device } }: Headroom): boolean {
  return kind === "network" && speeds.get(device ?? "")?.from === "machine";
}

function note(text: string): Block {
  return { kind: "paragraph", text };
}

/** The scarcest resource first: what a manager asks. */
function introduction(headroom: readonly Headroom[]): string {
  const limited = headroom.filter(({ limitKind }) => limitKind !== "peak");
  const [scarcest, ...others] = limited.toSorted((a, b) => a.freeRatioP95 - b.freeRatioP95);
  if (scarcest === undefined) {
    return words.noLimit;
  }
  const rest = others.map((use) => `${lowerFirst(use.label)} ${freeText(use.freeRatioP95)}`);
  const also = rest.length === 0 ? "" : words.others(rest.slice(0, 3).join(", "));
  const left =
    scarcest.freeRatioP95 < 0.005 ? words.noneLeft : words.left(freeText(scarcest.freeRatioP95));
  return `${words.scarcest(lowerFirst(scarcest.label), left)}${also}.`;
}

function freeText(ratio: number): string {
  return `${formatFixed(100 * ratio, 1)}\u{a0}%`;
}

function headroomTable(headroom: readonly Headroom[]): Table {
  return {
    kind: "table",
    caption: words.headroom,
    columns: [
      { label: words.headroomColumns.resource, align: "left" },
      { label: words.headroomColumns.limit, align: "left" },
      { label: words.headroomColumns.usedP95, align: "right" },
      { label: words.headroomColumns.usedP99, align: "right" },
      { label: words.headroomColumns.freeP95, align: "right" },
      { label: words.headroomColumns.freeP99, align: "right" },
    ],
    rows: headroom.map(({ label, limit, limitKind, measure, ...use }) => [
      measure.unit === "percent" ? words.busy(label) : label,
      limitKind === "whole"
        ? formatValue(limit, measure.unit)
        : words[limitKind](formatValue(limit, measure.unit)),
      formatValue(use.p95, measure.unit),
      formatValue(use.p99, measure.unit),
      ...[use.freeRatioP95, use.freeRatioP99].map((free) =>
        limitKind === "peak" ? words.belowPeak(freeText(free)) : freeText(free),
      ),
    ]),
  };
}

function sizeBlocks(
  noun: string,
  result: ReturnType<typeof sizeCpus>,
  table: (sizing: Sizing) => Table,
): Block[] {
  if (result.outcome === "refused") return [note(`${noun}: ${result.reason}`)];
  const list: Block[] =
    result.cautions.length === 0 ? [] : [{ kind: "list", items: result.cautions }];
  return [table(result), ...list];
}

function cpuTable(sizing: Sizing): Table {
  return sizeTable(sizing, {
    caption: words.cpuCaption(formatFixed(sizing.current, 0)),
    needed: (value) => formatFixed(value, 1),
    size: (value) => formatCount(value, "CPU"),
  });
}

function memoryTable(sizing: Sizing): Table {
  return sizeTable(sizing, {
    caption: words.memoryCaption(formatGibibytes(sizing.current)),
    needed: (value) => formatValue(value, "bytes"),
    size: formatGibibytes,
  });
}

function sizeTable(
  { current, options }: Sizing,
  {
    caption,
    needed,
    size,
  }: { caption: string; needed: (value: number) => string; size: (value: number) => string },
): Table {
  return {
    kind: "table",
    caption,
    columns: [
      { label: words.sizeColumns.holds, align: "left" },
      { label: words.sizeColumns.headroom, align: "right" },
      { label: words.sizeColumns.needed, align: "right" },
      { label: words.sizeColumns.size, align: "right" },
      { label: words.sizeColumns.comparison, align: "left" },
    ],
    rows: options.map((option) => [
      words.holds[option.percentile],
      `${100 * option.headroomRatio}\u{a0}%`,
      bounded(option, needed(option.needed)),
      bounded(option, size(option.size)),
      comparison(option, current),
    ]),
  };
}

function bounded({ atLeast }: SizingOption, text: string): string {
  return atLeast ? words.atLeast(text) : text;
}

function comparison({ size, atLeast }: SizingOption, current: number): string {
  if (size > current) return words.larger;
  if (atLeast) return words.unknown;
  return size === current ? words.same : words.smaller(formatFixed(100 * (1 - size / current), 0));
}

function priceBlocks(context: Context): Block[] {
  const { costPerHour } = context;
  if (costPerHour === null) return [];
  const prices = priceWork(costPerHour, workOf(context));
  if (prices.length === 0) return [];
  return [
    { kind: "heading", text: words.price },
    {
      kind: "table",
      caption: words.priceCaption(formatNumber(costPerHour)),
      columns: [
        { label: words.priceColumns.work, align: "left" },
        { label: words.priceColumns.amount, align: "right" },
        { label: words.priceColumns.price, align: "right" },
      ],
      rows: prices.map(({ kind, perHour, price }) => [
        words.work[kind](context.interfaces[0] ?? "", context.disks[0] ?? ""),
        formatNumber(perHour),
        price < 0.001 ? price.toExponential(2) : formatNumber(price),
      ]),
    },
  ];
}

/** The first interface and the first disk stand for all. */
function workOf({ dataset, cpuCount, disks, interfaces }: Context): WorkDone {
  const mean = (name: string): number => {
    const measure = dataset.measure(name);
    return measure === null ? NaN : dataset.summary(measure).mean;
  };
  const [disk = ""] = disks;
  const [network = ""] = interfaces;
  return {
    cpuBusyPercent: mean("cpu_busy"),
    cpuCount,
    bytesPerS: mean(`net_${network}_rx_bytes`) + mean(`net_${network}_tx_bytes`),
    requestsPerS: mean(`disk_${disk}_reads`) + mean(`disk_${disk}_writes`),
    connectionsPerS: mean("tcp_passive_opens"),
  };
}
