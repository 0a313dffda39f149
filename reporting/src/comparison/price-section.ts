import { kindsOfWork, priceWork, type WorkPrice } from "../capacity/price.ts";
import type { Section } from "../document/model.ts";
import { formatNumber } from "../format.ts";
import { comparisonTexts } from "../texts/english-comparison.ts";
import type { Quantity } from "./differences.ts";
import type { ComparedReport } from "./document.ts";

const words = comparisonTexts.price;

/** Of the captures whose cost is known, by the work of the time that all have; null where there is none. */
export function priceSection(
  reports: readonly ComparedReport[],
  quantities: readonly Quantity[],
): Section | null {
  const priced = reports.flatMap(({ label, costPerHour, cpuCount }, at) => {
    if (costPerHour === null) return [];
    const prices = priceWork(costPerHour, { ...workOf(quantities, at), cpuCount });
    return [{ label, costPerHour, prices }];
  });
  if (priced.length === 0) return null;
  const kinds = kindsOfWork.filter((kind) =>
    priced.some(({ prices }) => priceOf(prices, kind) !== undefined),
  );
  return {
    id: "price",
    title: words.title,
    blocks: [
      { kind: "paragraph", text: words.introduction },
      {
        kind: "table",
        caption: words.caption,
        columns: [
          { label: words.capture, align: "left" },
          ...[words.hour, ...kinds.map((kind) => words.kinds[kind])].map((label) => ({
            label,
            align: "right" as const,
          })),
        ],
        rows: priced.map(({ label, costPerHour, prices }) => [
          label,
          ...[costPerHour, ...kinds.map((kind) => priceOf(prices, kind) ?? NaN)].map(formatNumber),
        ]),
      },
    ],
  };
}

function priceOf(prices: readonly WorkPrice[], wanted: WorkPrice["kind"]): number | undefined {
  return prices.find(({ kind }) => kind === wanted)?.price;
}

function workOf(quantities: readonly Quantity[], at: number) {
  const mean = (pattern: RegExp): number =>
    quantities.find(({ name }) => pattern.test(name))?.summaries[at]?.mean ?? NaN;
  return {
    cpuBusyPercent: mean(/^cpu_busy$/),
    bytesPerS: mean(/^net_.+_rx_bytes$/) + mean(/^net_.+_tx_bytes$/),
    requestsPerS: mean(/^disk_.+_reads$/) + mean(/^disk_.+_writes$/),
    connectionsPerS: mean(/^tcp_passive_opens$/),
  };
}
