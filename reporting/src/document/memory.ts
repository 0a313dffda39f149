import { mirroredChart } from "../charts/mirrored.ts";
import { stackedChart } from "../charts/stacked.ts";
import { timeSeriesChart } from "../charts/time-series.ts";
import { chartIds } from "../findings/finding.ts";
import { formatValue } from "../format.ts";
import type { Measure } from "../statistics/dataset.ts";
import { bucketsOf, figure, happened, meansOf, measuresOf, type Context } from "./context.ts";
import type { Block, Section } from "./model.ts";
import { statisticsTable } from "./statistics-table.ts";

export function memorySection(context: Context): Section {
  const { dataset } = context;
  const total = dataset.measure("mem_total");
  const free = dataset.measure("mem_free");
  const available = dataset.measure("mem_available");
  const blocks: Block[] = [];
  if (total !== null && available !== null)
    blocks.push(...availableBlocks(context, total, available));
  if (total !== null && free !== null) blocks.push(useFigure(context, { total, free, available }));
  blocks.push(...pagingBlocks(context));
  blocks.push(
    statisticsTable(dataset, {
      caption: "Memory, swap and paging",
      measures: [...measuresOf(context, derived), ...dataset.columns.filter(isOfMemory)].filter(
        (measure, index, all) =>
          all.findIndex(({ name }) => name === measure.name) === index &&
          dataset.measure(measure.name) !== null,
      ),
    }),
  );
  return { id: "memory", title: "Memory", blocks };
}

const derived = ["mem_available_percent", "mem_available", "mem_used", "swap_used"];

function isOfMemory({ name }: Measure): boolean {
  return /^(mem|swap|vm)_/.test(name);
}

function availableBlocks(context: Context, total: Measure, available: Measure): Block[] {
  const { dataset } = context;
  const share = dataset.measure("mem_available_percent");
  const totalBytes = dataset.summary(total).max;
  const { min, p50 } = dataset.summary(available);
  const percent =
    share === null ? "" : ` (${formatValue(dataset.summary(share).min, "percent")} of all)`;
  return [
    {
      kind: "paragraph",
      text: `Of ${formatValue(totalBytes, "bytes")}, ${formatValue(p50, "bytes")} were available in the median and never less than ${formatValue(min, "bytes")}${percent}. Available is what programs could still get without swapping; free memory is usually little, because the kernel caches files in the rest.`,
    },
    figure(context, {
      id: chartIds.memoryAvailable,
      title: "Available memory",
      measures: [available],
      draw: (text) =>
        timeSeriesChart({
          ...text,
          unit: "bytes",
          series: [{ label: "Available", color: "blue", buckets: bucketsOf(context, available) }],
          thresholds: [{ value: 0.1 * totalBytes, label: "limit 10 % of all" }],
        }),
    }),
  ];
}

/** Used, reclaimable and free add up to the total. Without mem_available the first two cannot be told apart. */
function useFigure(
  context: Context,
  { total, free, available }: { total: Measure; free: Measure; available: Measure | null },
): Block {
  const totals = meansOf(context, total);
  const frees = meansOf(context, free);
  const availables = available === null ? frees : meansOf(context, available);
  const difference = (a: Float64Array, b: Float64Array): Float64Array =>
    a.map((value, index) => Math.max(0, value - (b[index] ?? NaN)));
  const used = {
    label: available === null ? "Used, cache included" : "Used",
    color: "orange",
    means: difference(totals, availables),
  } as const;
  const cache = {
    label: "Reclaimable cache",
    color: "sky",
    means: difference(availables, frees),
  } as const;
  return figure(context, {
    id: "chart-memory-use",
    title: "What the memory holds",
    measures: available === null ? [free] : [available, free],
    draw: (text) =>
      stackedChart({
        ...text,
        unit: "bytes",
        span: context.span,
        layers: [
          used,
          ...(available === null ? [] : [cache]),
          { label: "Free", color: "green", means: frees },
        ],
      }),
  });
}

function pagingBlocks(context: Context): Block[] {
  const { dataset } = context;
  const swapIn = dataset.measure("vm_swapin_pages");
  const swapOut = dataset.measure("vm_swapout_pages");
  const faults = dataset.measure("vm_major_faults");
  const blocks: Block[] = [];
  if (swapIn !== null && swapOut !== null) {
    if (happened(context, "vm_swapin_pages") || happened(context, "vm_swapout_pages")) {
      blocks.push(
        figure(context, {
          id: chartIds.swapping,
          title: "Swapping, pages a second",
          measures: [swapIn, swapOut],
          draw: (text) =>
            mirroredChart({
              ...text,
              unit: "1/s",
              up: { label: "Swapped in", color: "vermilion", buckets: bucketsOf(context, swapIn) },
              down: { label: "Swapped out", color: "blue", buckets: bucketsOf(context, swapOut) },
            }),
        }),
      );
    } else blocks.push({ kind: "paragraph", text: "Not a page was swapped in or out." });
  }
  if (faults !== null && happened(context, "vm_major_faults")) {
    blocks.push(
      figure(context, {
        id: chartIds.majorFaults,
        title: "Major page faults",
        measures: [faults],
        draw: (text) =>
          timeSeriesChart({
            ...text,
            unit: "1/s",
            series: [
              { label: "Major faults", color: "purple", buckets: bucketsOf(context, faults) },
            ],
            thresholds: [{ value: 500, label: "limit 500 /s" }],
          }),
      }),
    );
  }
  return blocks;
}
