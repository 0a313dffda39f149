// The comparison as a document: what differs first, then side by side, then how far it can be trusted.
import type { Branding } from "../branding.ts";
import { meaning } from "../document/quality.ts";
import type { Cover, Fact, ReportDocument, Section } from "../document/model.ts";
import { formatCount, formatDuration, formatRange, formatTime, formatValue } from "../format.ts";
import type { Analysis } from "../report.ts";
import type { Summary } from "../statistics/summary.ts";
import { comparisonTexts } from "../texts/english-comparison.ts";
import { listed } from "../texts/listed.ts";
import { worstOf } from "../validation/grade.ts";
import { createPictures, type Pictures } from "./charts.ts";
import type { Comparison } from "./compare.ts";
import { differencesSection } from "./differences-section.ts";
import type { Difference, Quantity, Subject } from "./differences.ts";
import { machinesSection } from "./machines-section.ts";
import { priceSection } from "./price-section.ts";
import { trustSection } from "./trust-section.ts";

/** A capture with what its own report would say of it. */
export type ComparedReport = Subject & Analysis;

export interface ComparisonInput {
  /** Two or more; the first is what the others are compared with. */
  reports: readonly ComparedReport[];
  comparison: Comparison;
  title: string;
  generator: string;
  /** Unix seconds. */
  nowS: number;
  branding?: Branding | undefined;
}

/** Drawn beside those that are always drawn. */
const mostDrawn = 6;
/** On the cover. */
const mostNamed = 3;
/** Of a digest; the machines' table has all of it. */
const shownDigits = 12;
const alwaysDrawn = [
  /^cpu_busy$/,
  /^mem_used(_percent)?$/,
  /^disk_.+_(read|write)_bytes$/,
  /^net_.+_(rx|tx)_bytes$/,
];

export function buildComparison(input: ComparisonInput): ReportDocument {
  const { reports, comparison, title, generator } = input;
  const { quantities, differences } = comparison;
  const pictures = createPictures(reports, comparison);
  const sections = [
    differencesSection(reports, comparison, pictures.radar(quantities)),
    sideBySideSection(quantities, differences, pictures),
    machinesSection(reports),
    priceSection(reports, quantities),
    trustSection(reports),
    annexSection(reports, quantities),
  ].filter((section) => section !== null);
  const { nowS: madeS, branding } = input;
  return { title, cover: cover(input), sections, generator, madeS, branding };
}

function cover({ reports, comparison, title, generator, nowS }: ComparisonInput): Cover {
  const words = comparisonTexts.cover;
  const grade = worstOf(reports.map((report) => report.grade.grade));
  return {
    heading: listed(reports.map(({ label }) => label)),
    subheading: title,
    status: statusOf(comparison.differences),
    statusText: worstNamed(comparison.differences),
    grade,
    gradeText: words.worstOf(meaning[grade]),
    facts: [
      ...reports.map(({ label, dataset: { timing }, source }): Fact => {
        const { startS, endS, sampleCount, intervalS } = timing;
        const count = formatCount(sampleCount, "sample");
        const samples = intervalS === null ? count : words.every(count, formatDuration(intervalS));
        return {
          label,
          value: [
            words.capture(formatRange(startS, endS), samples, source.name),
            { kind: "code", text: `${source.sha256.slice(0, shownDigits)}…` },
          ],
        };
      }),
      { label: words.made, value: words.madeBy(formatTime(nowS), generator) },
    ],
  };
}

function statusOf(differences: readonly Difference[]): Cover["status"] {
  const words = comparisonTexts.cover;
  const worse = differences.filter(({ verdict }) => verdict === "worse").length;
  if (differences.length === 0) return { tone: "good", text: words.same };
  return worse === 0
    ? { tone: "good", text: words.noneWorse(differences.length) }
    : { tone: "warning", text: words.worse(differences.length, worse) };
}

/** The clearest of those for the worse. */
function worstNamed(differences: readonly Difference[]): string {
  const worse = differences.filter(({ verdict }) => verdict === "worse");
  const names = [...new Set(worse.map(({ quantity }) => quantity.label))];
  if (names.length === 0) return "";
  return comparisonTexts.cover.worseNamed(names.slice(0, mostNamed), names.length - mostNamed);
}

function sideBySideSection(
  quantities: readonly Quantity[],
  differences: readonly Difference[],
  pictures: Pictures,
): Section | null {
  const differing = new Set(differences.slice(0, mostDrawn).map(({ quantity }) => quantity));
  const drawn = quantities.filter(
    (quantity) =>
      differing.has(quantity) || alwaysDrawn.some((pattern) => pattern.test(quantity.name)),
  );
  if (drawn.length === 0) return null;
  return {
    id: "side-by-side",
    title: comparisonTexts.sideBySide.title,
    blocks: drawn.map((quantity) => pictures.overlay(quantity)),
  };
}

const figures = ["mean", "p50", "p95", "p99", "max"] as const satisfies readonly (keyof Summary)[];

function annexSection(
  reports: readonly ComparedReport[],
  quantities: readonly Quantity[],
): Section {
  const words = comparisonTexts.annex;
  return {
    id: "annex",
    title: words.title,
    blocks: [
      {
        kind: "table",
        caption: words.caption,
        columns: [
          { label: words.quantity, align: "left" },
          { label: words.capture, align: "left" },
          ...figures.map((key) => ({ label: words.figures[key], align: "right" as const })),
        ],
        rows: quantities.flatMap(({ label, unit, summaries }) =>
          reports.map((report, at) => {
            const summary = summaries[at] ?? null;
            const cells = figures.map((key) =>
              summary === null ? "–" : formatValue(summary[key], unit),
            );
            return [label, report.label, ...cells];
          }),
        ),
      },
    ],
  };
}
