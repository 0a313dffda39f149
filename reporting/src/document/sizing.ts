import { measureHeadroom, type Headroom } from "../capacity/headroom.ts";
import { priceWork } from "../capacity/price.ts";
import {
  sizeCpus,
  sizeMemory,
  sizingRefusal,
  type Sizing,
  type SizingOption,
} from "../capacity/sizing.ts";
import { formatCount, formatFixed, formatNumber, formatValue, lowerFirst } from "../format.ts";
import { formatGibibytes } from "../capacity/sizes.ts";
import { useFigure } from "./capacity-figures.ts";
import type { Context } from "./context.ts";
import type { Block, Section, Table } from "./model.ts";

/** Rows of the table of headroom; a machine with a hundred disks has them in the disk section. */
const mostResources = 16;

export function sizingSection(context: Context): Section {
  const { dataset, grade, cpuCount } = context;
  const headroom = measureHeadroom(dataset, context);
  const refusal = sizingRefusal(dataset, grade);
  const use = useFigure(context, headroom);
  return {
    id: "sizing",
    title: "Headroom and right-sizing",
    blocks: [
      { kind: "paragraph", text: introduction(headroom) },
      ...(use === null ? [] : [use]),
      ...(headroom.length === 0 ? [] : [headroomTable(headroom.slice(0, mostResources))]),
      ...(headroom.some(({ kind }) => kind === "disk")
        ? [
            note(
              "A disk is busy while it serves at least one request: one that serves many side by side still has room at 100 %. Its queue and the time of a request, in its own section, tell whether it is full.",
            ),
          ]
        : []),
      ...(headroom.some(({ limitKind }) => limitKind === "peak")
        ? [
            note(
              "Where the speed of an interface is not known, its traffic is compared with its own busiest sample: that shows how uneven the traffic is, not how much more the line could carry.",
            ),
          ]
        : []),
      { kind: "heading", text: "Right size" },
      ...(refusal === null
        ? [
            note(
              "The needed size is what was used, divided by the share of the machine that may be in use: with 20 % headroom, four fifths. It is rounded up to sizes on sale; a machine that fits is kept.",
            ),
            ...sizeBlocks("CPUs", sizeCpus(dataset, grade, cpuCount), cpuTable),
            ...sizeBlocks("Memory", sizeMemory(dataset, grade), memoryTable),
          ]
        : [
            note(
              `${refusal} A size must fit the busiest hour of the day, and this data has not seen a whole day well enough; the headroom above is that of the captured time alone.`,
            ),
          ]),
      ...priceBlocks(context),
    ],
  };
}

function note(text: string): Block {
  return { kind: "paragraph", text };
}

/** The scarcest resource first: what a manager asks. */
function introduction(headroom: readonly Headroom[]): string {
  const limited = headroom.filter(({ limitKind }) => limitKind !== "peak");
  const [scarcest, ...others] = limited.toSorted((a, b) => a.freeRatioP95 - b.freeRatioP95);
  if (scarcest === undefined) {
    return "The data has no resource whose limit is known, so nothing can be said about headroom.";
  }
  const rest = others.map((use) => `${lowerFirst(use.label)} ${freeText(use.freeRatioP95)}`);
  const also = rest.length === 0 ? "" : `; of the others: ${rest.slice(0, 3).join(", ")}`;
  const left =
    scarcest.freeRatioP95 < 0.005
      ? "in the busiest twentieth of the samples nothing of it was left"
      : `in 95 of 100 samples at least ${freeText(scarcest.freeRatioP95)} of it was free`;
  return `The resource nearest to its limit is ${lowerFirst(scarcest.label)}: ${left}${also}.`;
}

function freeText(ratio: number): string {
  return `${formatFixed(100 * ratio, 1)}\u{a0}%`;
}

const limitNames = {
  whole: "",
  speed: "its speed",
  peak: "its own peak",
} as const;

function headroomTable(headroom: readonly Headroom[]): Table {
  return {
    kind: "table",
    caption: "What was in use, and what was left of each resource",
    columns: [
      { label: "Resource", align: "left" },
      { label: "Compared with", align: "left" },
      { label: "In use, p95", align: "right" },
      { label: "In use, p99", align: "right" },
      { label: "Free, p95", align: "right" },
      { label: "Free, p99", align: "right" },
    ],
    rows: headroom.map(({ label, limit, limitKind, measure, ...use }) => [
      measure.unit === "percent" ? `${label}, busy` : label,
      limitKind === "whole"
        ? formatValue(limit, measure.unit)
        : `${limitNames[limitKind]}, ${formatValue(limit, measure.unit)}`,
      formatValue(use.p95, measure.unit),
      formatValue(use.p99, measure.unit),
      ...[use.freeRatioP95, use.freeRatioP99].map((free) =>
        limitKind === "peak" ? `${freeText(free)} below` : freeText(free),
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
    caption: `CPUs: ${formatFixed(sizing.current, 0)} at present`,
    needed: (value) => formatFixed(value, 1),
    size: (value) => formatCount(value, "CPU"),
  });
}

function memoryTable(sizing: Sizing): Table {
  return sizeTable(sizing, {
    caption: `Memory: ${formatGibibytes(sizing.current)} at present`,
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
      { label: "To hold", align: "left" },
      { label: "Headroom", align: "right" },
      { label: "Needed", align: "right" },
      { label: "Right size", align: "right" },
      { label: "Against the present", align: "left" },
    ],
    rows: options.map((option) => [
      option.percentile === "p95" ? "95 of 100 samples" : "99 of 100 samples",
      `${100 * option.headroomRatio}\u{a0}%`,
      `${option.atLeast ? "at least " : ""}${needed(option.needed)}`,
      `${option.atLeast ? "at least " : ""}${size(option.size)}`,
      comparison(option, current),
    ]),
  };
}

function comparison({ size, atLeast }: SizingOption, current: number): string {
  if (size > current) return "more than there is";
  if (atLeast) return "not known: demand was cut off";
  return size === current ? "as it is" : `${formatFixed(100 * (1 - size / current), 0)} % smaller`;
}

function priceBlocks(context: Context): Block[] {
  const { costPerHour, cpuCount, dataset } = context;
  if (costPerHour === null) return [];
  const prices = priceWork(dataset, { costPerHour, cpuCount, devices: context });
  if (prices.length === 0) return [];
  return [
    { kind: "heading", text: "Price of the work" },
    {
      kind: "table",
      caption: `At ${formatNumber(costPerHour)} an hour, whatever was done in it`,
      columns: [
        { label: "Work", align: "left" },
        { label: "In an hour, mean", align: "right" },
        { label: "Price of one", align: "right" },
      ],
      rows: prices.map(({ work, perHour, price }) => [
        work,
        formatNumber(perHour),
        price < 0.001 ? price.toExponential(2) : formatNumber(price),
      ]),
    },
  ];
}
