import { mirroredChart } from "../charts/mirrored.ts";
import type { Color } from "../charts/palette.ts";
import { stackedChart, type Layer } from "../charts/stacked.ts";
import { timeSeriesChart } from "../charts/time-series.ts";
import { chartIds } from "../findings/finding.ts";
import { limits } from "../findings/limits.ts";
import { formatValue } from "../format.ts";
import type { Measure } from "../statistics/dataset.ts";
import { figure, happened, meansOf, measuresOf, seriesOf, type Context } from "./context.ts";
import { courseBlocks } from "./course.ts";
import { distributionBlocks } from "./distribution.ts";
import type { Block, Section } from "./model.ts";
import { statisticsTable } from "./statistics-table.ts";
import { useBlock } from "./use-table.ts";
import { texts } from "../texts/english.ts";

const words = texts.memory;

/** Null where the file has nothing of it. */
export function memorySection(context: Context): Section | null {
  const { dataset } = context;
  const total = dataset.measure("mem_total");
  const free = dataset.measure("mem_free");
  const available = dataset.measure("mem_available");
  const measures = [...measuresOf(context, derived), ...dataset.columns.filter(isOfMemory)].filter(
    (measure, index, all) =>
      all.findIndex(({ name }) => name === measure.name) === index &&
      dataset.measure(measure.name) !== null,
  );
  if (measures.length === 0) return null;
  const blocks: Block[] = [];
  if (total === null || available === null) {
    const bytes = total === null ? null : formatValue(dataset.summary(total).max, "bytes");
    blocks.push({ kind: "paragraph", text: words.notAvailable(bytes) });
  } else blocks.push(...availableBlocks(context, total, available));
  blocks.push(
    useBlock(context, words.title, {
      utilisation: ["mem_used_percent", "mem_used", "swap_used"],
      saturation: ["vm_swapin_pages", "vm_major_faults", "psi_memory_some"],
      errors: ["vm_oom_kills"],
    }),
  );
  if (total !== null && free !== null) blocks.push(useFigure(context, { total, free, available }));
  const used = dataset.measure("mem_used_percent");
  if (used !== null) {
    const title = words.inUse;
    blocks.push(
      ...courseBlocks(context, { measure: used, title, id: "memory", high: 100 }),
      ...distributionBlocks(context, { measure: used, title, id: "memory" }),
    );
  }
  blocks.push(...pagingBlocks(context));
  blocks.push(statisticsTable(dataset, { caption: words.statistics, measures }));
  return { id: "memory", title: words.title, blocks };
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
  const leastPercent = limits.memoryAvailablePercent;
  const leastShare = share === null ? null : formatValue(dataset.summary(share).min, "percent");
  return [
    {
      kind: "paragraph",
      text: words.introduction(formatValue(totalBytes, "bytes"), {
        median: formatValue(p50, "bytes"),
        least: formatValue(min, "bytes"),
        leastShare,
      }),
    },
    figure(context, {
      id: chartIds.memoryAvailable,
      title: words.availableTitle,
      measures: [available],
      draw: (text) =>
        timeSeriesChart({
          ...text,
          unit: "bytes",
          series: [seriesOf(context, available, { label: words.available, color: "blue" })],
          thresholds: [
            { value: (leastPercent / 100) * totalBytes, label: words.limit(leastPercent) },
          ],
        }),
    }),
  ];
}

/** What the memory holds, from the bottom up; all layers add up to the total. */
function useFigure(
  context: Context,
  { total, free, available }: { total: Measure; free: Measure; available: Measure | null },
): Block {
  const kinds = heldKinds(context, total, free);
  const layers = kinds ?? usedLayers(context, { total, free, available });
  return figure(context, {
    id: "chart-memory-use",
    title: words.holds,
    measures: [
      ...measuresOf(context, kinds === null ? ["mem_available"] : held.map(([name]) => name)),
      free,
    ],
    draw: (text) => stackedChart({ ...text, unit: "bytes", span: context.dataset.span, layers }),
  });
}

const held: [name: string, label: string, color: Color][] = [
  ["mem_anonymous", words.programs, "orange"],
  ["mem_cached", words.cachedFiles, "sky"],
  ["mem_buffers", words.buffers, "yellow"],
  ["mem_slab", words.kernelObjects, "purple"],
];

/** By what it is used for; null where the file does not have the two that matter. */
function heldKinds(context: Context, total: Measure, free: Measure): Layer[] | null {
  const { dataset } = context;
  if (dataset.measure("mem_anonymous") === null || dataset.measure("mem_cached") === null)
    return null;
  const layers = held.flatMap(([name, label, color]): Layer[] => {
    const measure = dataset.measure(name);
    return measure === null ? [] : [{ label, color, means: meansOf(context, measure) }];
  });
  const frees = meansOf(context, free);
  const rest = meansOf(context, total).map((bytes, index) =>
    Math.max(
      0,
      layers.reduce((left, { means }) => left - (means[index] ?? NaN), bytes) -
        (frees[index] ?? NaN),
    ),
  );
  return [
    ...layers,
    { label: words.other, color: "grey", means: rest },
    { label: words.free, color: "green", means: frees },
  ];
}

/** Without mem_available, used and reclaimable cannot be told apart. */
function usedLayers(
  context: Context,
  { total, free, available }: { total: Measure; free: Measure; available: Measure | null },
): Layer[] {
  const totals = meansOf(context, total);
  const frees = meansOf(context, free);
  const availables = available === null ? frees : meansOf(context, available);
  const difference = (a: Float64Array, b: Float64Array): Float64Array =>
    a.map((value, index) => Math.max(0, value - (b[index] ?? NaN)));
  const cache: Layer[] =
    available === null
      ? []
      : [{ label: words.cache, color: "sky", means: difference(availables, frees) }];
  return [
    {
      label: available === null ? words.usedWithCache : words.used,
      color: "orange",
      means: difference(totals, availables),
    },
    ...cache,
    { label: words.free, color: "green", means: frees },
  ];
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
          title: words.swapping,
          measures: [swapIn, swapOut],
          draw: (text) =>
            mirroredChart({
              ...text,
              unit: "1/s",
              up: {
                label: words.swappedIn,
                color: "vermilion",
                buckets: context.dataset.course(swapIn),
              },
              down: {
                label: words.swappedOut,
                color: "blue",
                buckets: context.dataset.course(swapOut),
              },
            }),
        }),
      );
    } else blocks.push({ kind: "paragraph", text: words.noSwapping });
  }
  if (faults !== null && happened(context, "vm_major_faults")) {
    blocks.push(
      figure(context, {
        id: chartIds.majorFaults,
        title: words.faultsTitle,
        measures: [faults],
        draw: (text) =>
          timeSeriesChart({
            ...text,
            unit: "1/s",
            series: [seriesOf(context, faults, { label: words.faults, color: "purple" })],
            thresholds: [
              { value: limits.majorFaultsPerS, label: words.faultsLimit(limits.majorFaultsPerS) },
            ],
          }),
      }),
    );
  }
  return blocks;
}
