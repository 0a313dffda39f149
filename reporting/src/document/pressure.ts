import type { Color } from "../charts/palette.ts";
import { timeSeriesChart, type Series } from "../charts/time-series.ts";
import { bucketsOf, figure, measuresOf, type Context } from "./context.ts";
import { courseBlocks } from "./course.ts";
import { distributionBlocks } from "./distribution.ts";
import type { Block, Section } from "./model.ts";
import { statisticsTable } from "./statistics-table.ts";

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
      text: "Pressure (PSI) is the share of time in which tasks stood still for want of a resource: some, at least one of them; full, all of them at once. It measures what users feel, where utilisation measures what is used.",
    },
  ];
  const [first, ...others] = some.flatMap(([name, color]): Series[] => {
    const measure = context.dataset.measure(name);
    return measure === null
      ? []
      : [{ label: measure.label, color, buckets: bucketsOf(context, measure) }];
  });
  if (first !== undefined) {
    blocks.push(
      figure(context, {
        id: "chart-pressure",
        title: "Pressure: at least one task waited",
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
  blocks.push(
    statisticsTable(context.dataset, { caption: "Pressure in percent of the interval", measures }),
  );
  return { id: "pressure", title: "Pressure", blocks };
}
