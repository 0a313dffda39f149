import { chartIds } from "../findings/finding.ts";
import { limits } from "../findings/limits.ts";
import { isImage } from "../findings/filesystem/image.ts";
import { formatCount, formatFixed, formatValue } from "../format.ts";
import type { Dataset } from "../statistics/dataset.ts";
import { texts } from "../texts/english.ts";
import type { Context } from "./context.ts";
import { measureFigure } from "./device-figures.ts";
import type { Block, Section, Table } from "./model.ts";

const words = texts.fileSystems;
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
      ([chartIds.fileSystem(mount), chartIds.inodes(mount)].some((id) =>
        context.suspects.has(id),
      ) ||
        (index < mostCharts &&
          (mostUsed - firstUsed >= leastChange || Math.abs(lastUsed - firstUsed) >= leastChange))),
  );
  return {
    id: "filesystems",
    title: words.title,
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
    return words.imagesOnly(formatCount(all.length, "file system"));
  }
  const change = fullest.lastUsed - fullest.firstUsed;
  const course =
    Math.abs(change) < 0.05
      ? words.same
      : words[change > 0 ? "more" : "less"](formatFixed(Math.abs(change), 1));
  const which =
    all.length === 1 ? words.one(fullest.mount) : words.fullest(all.length, fullest.mount);
  const used = formatValue(fullest.lastUsed, "percent");
  return `${which} ${words.use(used, course, formatValue(fullest.availableBytes, "bytes"))}`;
}

function overview(all: readonly FileSystem[]): Table {
  return {
    kind: "table",
    caption: words.overview,
    columns: [
      { label: words.columns.mount, align: "left" },
      { label: words.columns.size, align: "right" },
      { label: words.columns.available, align: "right" },
      { label: words.columns.used, align: "right" },
      { label: words.columns.first, align: "right" },
      { label: words.columns.most, align: "right" },
      { label: words.columns.inodes, align: "right" },
    ],
    rows: all.map((one) => [
      one.image ? words.image(one.mount) : one.mount,
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
    title: words.used(mount),
    name: `fs_${mount}_used`,
    color: "blue",
    thresholds: [
      { value: 100 - limits.spaceLeftPercent, label: words.limit(limits.spaceLeftPercent) },
    ],
  });
  const inodes = context.suspects.has(chartIds.inodes(mount))
    ? measureFigure(context, {
        id: chartIds.inodes(mount),
        title: words.freeInodes(mount),
        name: `fs_${mount}_inodes_free`,
        color: "purple",
      })
    : null;
  return [space, inodes].filter((block) => block !== null);
}
