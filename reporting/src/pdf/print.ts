// The document as report.typ reads it: plain data, in which a text is a string and nothing else. typst never sees it as code.
import type { LegendEntry } from "../charts/frame.ts";
import { palette } from "../charts/palette.ts";
import type { Block, Figure, ReportDocument, Table, Text } from "../document/model.ts";
import { printable } from "../format.ts";
import { fullWidth, toPaper } from "./paper-chart.ts";
import { texts } from "../texts/english.ts";

export interface PrintOptions {
  fontFamily: string;
}

/** JSON for the template. Links to anchors that the document does not have become text: typst would end with an error. */
export function toPrint(document: ReportDocument, { fontFamily }: PrintOptions): string {
  const anchors = new Set(document.sections.flatMap(({ id, blocks }) => [id, ...idsOf(blocks)]));
  const figure = ({ chart, ...rest }: Figure, width: number): unknown => ({
    ...rest,
    legend: chart.legend.map(toSwatch),
    svg: toPaper(chart, { fontFamily, width }),
  });
  const block = (one: Block): unknown => {
    if (one.kind === "figure") return figure(one, fullWidth);
    if (one.kind === "table") return { ...one, ...tableSizes(one) };
    if (one.kind !== "row") return one;
    const width = Math.floor((fullWidth - gutter) / Math.min(one.figures.length, mostInRow));
    return { ...one, figures: one.figures.map((each) => figure(each, width)) };
  };
  const { branding } = document;
  const logo = branding?.logo ?? null;
  const print = {
    ...document,
    brand: branding?.name ?? (logo === null ? texts.page.brand : null),
    accent: branding?.colors?.light ?? accent,
    logo: logo?.mediaType.replace(/^image\/|\+xml$/g, "") ?? null,
    fontFamily,
    words: texts.page,
    made: toDateTime(document.madeS),
    sections: document.sections.map((section) => ({
      ...section,
      blocks: section.blocks.map(block),
    })),
  };
  return JSON.stringify(print, (key, value: unknown) => {
    if (key === "anchor") return typeof value === "string" && anchors.has(value) ? value : null;
    if (typeof value !== "string" || asTheyAre.has(key)) return value;
    return breakable(printable(value));
  });
}

/** Names that hold no text to be read. */
const asTheyAre = new Set([
  "id",
  "svg",
  "kind",
  "fontFamily",
  "color",
  "tone",
  "shape",
  "dash",
  "accent",
  "logo",
]);

/** The parts of a time in UTC, by the names of typst's `datetime`. */
function toDateTime(timeS: number): Record<string, number> {
  const time = new Date(timeS * 1000);
  return {
    year: time.getUTCFullYear(),
    month: time.getUTCMonth() + 1,
    day: time.getUTCDate(),
    hour: time.getUTCHours(),
    minute: time.getUTCMinutes(),
    second: time.getUTCSeconds(),
  };
}

/** Of html/style.ts, in its light theme. */
const accent = "#0b4a7d";

/** Figures side by side, and what parts them, in pixels of a chart. */
const [mostInRow, gutter] = [2, 24];

function idsOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => {
    if (block.kind === "row") return block.figures.map(({ id }) => id);
    return block.kind === "figure" || block.kind === "finding" ? [block.id] : [];
  });
}

function toSwatch({ label, color, shape, dash = "solid" }: LegendEntry): Record<string, string> {
  return { label, color: palette[color].light, shape, dash };
}

const shortCell = 24;
/** In points, as report.typ has them: a page's width without margins, sizes of texts in a table, what stands beside them. */
const [pageWidth, figureSize, wordSize, cellPadding] = [482, 7.4, 7.8, 7];
/** Left for the columns of longer texts. */
const leastShare = 100;
/** Characters of a cell whose row need not be parted, and of the longest cells of all rows where the table need not: they fit a page in a column of `leastShare`. */
const [longestUnparted, longestTogether, mostTogether] = [600, 1500, 12];

interface TableSizes {
  /** Points for figures and short words, shares of what is left for longer texts; null where typst should see to it. */
  widths: ({ points: number } | { share: number } | null)[];
  /** No cell needs a second line: all rows are of one height. */
  isOneLine: boolean;
  /** No row is so high that it has to be parted at the end of a page. */
  isUnparted: boolean;
  /** Nor has the table, which is a short one. */
  isTogether: boolean;
}

/** Given rather than left to typst, which would set every cell twice more to find them: half of the time of a report's tables. */
function tableSizes({ columns, rows }: Table): TableSizes {
  const size = columns.some(({ align }) => align === "right") ? figureSize : wordSize;
  const cellTexts = columns.map(({ label }, index) => [
    ...label.split(" "),
    ...rows.map((cells) => plain(cells[index] ?? "")),
  ]);
  const cellWidths = columns.map((_, index) =>
    rows.reduce((most, row) => Math.max(most, widthOfText(row[index] ?? "")), 0),
  );
  const pointsWith = (labelWidth: (label: string) => number): number[] =>
    columns.map(({ label }, index) =>
      Math.ceil(Math.max(labelWidth(label), cellWidths[index] ?? 0) * size + cellPadding),
    );
  const lengths = rows.map((cells) => Math.max(...cells.map((cell) => plain(cell).length)));
  const pages = {
    isUnparted: lengths.every((length) => length <= longestUnparted),
    isTogether:
      rows.length <= mostTogether &&
      lengths.reduce((sum, each) => sum + each, 0) <= longestTogether,
  };
  const isShort = columns.map(
    ({ align }, index) =>
      align === "right" || (cellTexts[index] ?? []).every(({ length }) => length <= shortCell),
  );
  const settledOf = (of: readonly number[]): number =>
    of.reduce((sum, each, index) => sum + (isShort[index] ? each : 0), 0);
  // Labels have two lines where there is room for it, else as many as words.
  const roomy = pointsWith(twoLinesWidth);
  const room = pageWidth - (isShort.every(Boolean) ? 0 : leastShare);
  const points = settledOf(roomy) <= room ? roomy : pointsWith(longestWordWidth);
  const widths = columns.map(() => null);
  if (isShort.every(Boolean)) {
    if (settledOf(points) > pageWidth) return { widths, isOneLine: false, ...pages };
    // One column at least takes what is left.
    isShort[widestOfWords(columns, points)] = false;
  } else if (settledOf(points) > pageWidth - leastShare) {
    return { widths, isOneLine: false, ...pages };
  }
  const settled = settledOf(points);
  const shares = cellTexts.map((column) => {
    const mean = column.reduce((sum, { length }) => sum + length, 0) / column.length;
    return Math.round(Math.min(60, Math.max(16, mean)));
  });
  const long = columns.flatMap((_, index) => (isShort[index] ? [] : index));
  const [only = 0, ...others] = long;
  return {
    widths: columns.map((_, index) =>
      isShort[index] ? { points: points[index] ?? 0 } : { share: shares[index] ?? 1 },
    ),
    isOneLine: others.length === 0 && (points[only] ?? Infinity) <= pageWidth - settled,
    ...pages,
  };
}

/** What is left beside it parts words from figures, not words from words. */
function widestOfWords(columns: Table["columns"], points: readonly number[]): number {
  const words = columns.flatMap(({ align }, index) => (align === "left" ? index : []));
  return words.toSorted((a, b) => (points[b] ?? 0) - (points[a] ?? 0))[0] ?? 0;
}

function longestWordWidth(label: string): number {
  return Math.max(...label.split(" ").map(widthOf));
}

/** Of the broader of two lines, broken where they are most alike. */
function twoLinesWidth(label: string): number {
  const words = label.split(" ");
  return Math.min(
    ...words.map((_, at) =>
      Math.max(widthOf(words.slice(0, at).join(" ")), widthOf(words.slice(at).join(" "))),
    ),
  );
}

function widthOfText(text: Text): number {
  if (typeof text === "string") return widthOf(text);
  return text
    .map((inline) => {
      if (typeof inline === "string") return widthOf(inline);
      return inline.kind === "code" ? monospaced * inline.text.length : widthOf(inline.text);
    })
    .reduce((sum, width) => sum + width, 0);
}

/** Of a text in semibold Inter with digits of one width, in em; rather too much than too little. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (narrow.has(character)) width += 0.4;
    else if (wide.has(character)) width += 1.03;
    else if (character >= "0" && character <= "9") width += 0.69;
    else width += character >= "a" && character <= "z" ? 0.63 : 0.77;
  }
  return width;
}

const narrow = new Set(" \u{a0}.,:;'|()[]/ijlrtfI");
const wide = new Set("mwMW%@");
/** A character of DejaVu Sans Mono at the size that report.typ gives it, 0.86 em. */
const monospaced = 0.53;

function plain(text: Text): string {
  if (typeof text === "string") return text;
  return text.map((inline) => (typeof inline === "string" ? inline : inline.text)).join("");
}

const longWord = /\S{25,}/g;

/** Long words may be broken: behind punctuation, or anywhere where there is none for long. */
function breakable(text: string): string {
  return text.replaceAll(longWord, (word) =>
    word.replaceAll(/[_./:,-]+(?=\S)|[^_./:,-]{16}(?=\S)/gu, (part) => `${part}\u{200b}`),
  );
}
