import { chartIds } from "../findings/finding.ts";
import { isImage } from "../findings/filesystem/image.ts";
import { formatCount, formatFixed, formatValue } from "../format.ts";
import type { Dataset } from "../statistics/dataset.ts";
import type { Context } from "./context.ts";
import { measureFigure } from "./device-figures.ts";
import type { Block, Section, Table } from "./model.ts";

/** The fullest get a chart each; the table has all. */
const mostCharts = 3;
/** A file system whose use changed by less, in percent, has no course to draw. */
const leastChange = 0.5;

interface FileSystem {
  mount: string;
  sizeBytes: number;
  availableBytes: number;
  /** Percent in use, at the first and the last sample that has it, and at most. */
  firstUsed: number;
  lastUsed: number;
  mostUsed: number;
  /** Percent of its inodes in use at the end; NaN where it sets no limit. */
  inodesUsed: number;
  image: boolean;
}

/** Null where the file has no file system. */
export function fileSystemSection(context: Context): Section | null {
  const { dataset, mounts } = context;
  const all = mounts
    .flatMap((mount) => describe(dataset, mount))
    .toSorted((a, b) => Number(a.image) - Number(b.image) || b.mostUsed - a.mostUsed);
  const [fullest] = all;
  if (fullest === undefined) return null;
  const charted = all.filter(
    ({ mount, mostUsed, firstUsed, lastUsed, image }, index) =>
      !image &&
      (context.suspects.has(chartIds.fileSystem(mount)) ||
        (index < mostCharts &&
          (mostUsed - firstUsed >= leastChange || Math.abs(lastUsed - firstUsed) >= leastChange))),
  );
  return {
    id: "filesystems",
    title: "File systems",
    blocks: [
      { kind: "paragraph", text: introduction(all, fullest) },
      overview(all),
      ...charted.flatMap(({ mount }) => figures(context, mount)),
    ],
  };
}

/** None where nobody measured how full it is. */
function describe(dataset: Dataset, mount: string): FileSystem[] {
  const used = dataset.measure(`fs_${mount}_used`);
  if (used === null) return [];
  const inodes = lastOf(dataset, `fs_${mount}_inodes`);
  const free = lastOf(dataset, `fs_${mount}_inodes_free`);
  return [
    {
      mount,
      sizeBytes: lastOf(dataset, `fs_${mount}_size_bytes`),
      availableBytes: lastOf(dataset, `fs_${mount}_available_bytes`),
      firstUsed: used.values.find((value) => !Number.isNaN(value)) ?? NaN,
      lastUsed: lastOf(dataset, used.name),
      mostUsed: dataset.summary(used).max,
      inodesUsed: inodes > 0 ? 100 * (1 - free / inodes) : NaN,
      image: isImage(dataset, mount),
    },
  ];
}

/** The last measured value; NaN where there is none. */
function lastOf(dataset: Dataset, name: string): number {
  return dataset.measure(name)?.values.findLast((value) => !Number.isNaN(value)) ?? NaN;
}

function introduction(all: readonly FileSystem[], fullest: FileSystem): string {
  if (fullest.image) {
    return `All ${formatCount(all.length, "file system")} are images without a free byte: made full, and not to be written.`;
  }
  const change = fullest.lastUsed - fullest.firstUsed;
  const course =
    Math.abs(change) < 0.05
      ? "as at its beginning"
      : `${formatFixed(Math.abs(change), 1)} points ${change > 0 ? "more" : "less"} than at its beginning`;
  const noun = all.length === 1 ? "The one file system" : `Of ${all.length} file systems`;
  const which = all.length === 1 ? `, ${fullest.mount},` : `, ${fullest.mount} is the fullest: it`;
  return `${noun}${which} was used to ${formatValue(fullest.lastUsed, "percent")} at the end of the capture, ${course}; ${formatValue(fullest.availableBytes, "bytes")} were left.`;
}

function overview(all: readonly FileSystem[]): Table {
  return {
    kind: "table",
    caption:
      "All file systems, the fullest first; at the end of the capture where nothing else is said",
    columns: [
      { label: "Mounted at", align: "left" },
      { label: "Size", align: "right" },
      { label: "Available", align: "right" },
      { label: "Used", align: "right" },
      { label: "Used at the beginning", align: "right" },
      { label: "Used at most", align: "right" },
      { label: "Inodes used", align: "right" },
    ],
    rows: all.map((one) => [
      one.image ? `${one.mount} (image)` : one.mount,
      formatValue(one.sizeBytes, "bytes"),
      formatValue(one.availableBytes, "bytes"),
      formatValue(one.lastUsed, "percent"),
      formatValue(one.firstUsed, "percent"),
      formatValue(one.mostUsed, "percent"),
      formatValue(one.inodesUsed, "percent"),
    ]),
  };
}

function figures(context: Context, mount: string): Block[] {
  const space = measureFigure(context, {
    id: chartIds.fileSystem(mount),
    title: `${mount}: used`,
    name: `fs_${mount}_used`,
    color: "blue",
    thresholds: [{ value: 95, label: "limit 5 % left" }],
  });
  const inodes = context.suspects.has(chartIds.inodes(mount))
    ? measureFigure(context, {
        id: chartIds.inodes(mount),
        title: `${mount}: free inodes`,
        name: `fs_${mount}_inodes_free`,
        color: "purple",
      })
    : null;
  return [space, inodes].filter((block) => block !== null);
}
