// The document as report.typ reads it: plain data, in which a text is a string and nothing else. typst never sees it as code.
import type { LegendEntry } from "../charts/frame.ts";
import { palette } from "../charts/palette.ts";
import type { Block, Figure, ReportDocument, Table, Text } from "../document/model.ts";
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
    if (one.kind === "table") return { ...one, widths: columnWidths(one) };
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

/** "auto" for columns of figures and short words; shares of what is left, by the length of their texts, for the others. */
function columnWidths({ columns, rows }: Table): ("auto" | number)[] {
  const widths = columns.map(({ align, label }, index) => {
    const lengths = [label.length, ...rows.map((cells) => plain(cells[index] ?? "").length)];
    if (align === "right" || Math.max(...lengths) <= shortCell) return "auto";
    const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    return Math.round(Math.min(60, Math.max(16, mean)));
  });
  return widths.every((width) => width === "auto") ? [1, ...widths.slice(1)] : widths;
}

function plain(text: Text): string {
  if (typeof text === "string") return text;
  return text.map((inline) => (typeof inline === "string" ? inline : inline.text)).join("");
}

/** Without what no font draws and PDF does not allow: control characters, halves of surrogate pairs. */
function printable(text: string): string {
  return text.toWellFormed().replaceAll(undrawable, "\u{fffd}");
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const undrawable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g;
const longWord = /\S{25,}/g;

/** Long words may be broken: behind punctuation, or anywhere where there is none for long. */
function breakable(text: string): string {
  return text.replaceAll(longWord, (word) =>
    word.replaceAll(/[_./:,-]+(?=\S)|[^_./:,-]{16}(?=\S)/gu, (part) => `${part}\u{200b}`),
  );
}
