// The comparison as a document: what differs first, then side by side, then how far it can be trusted.
import type { Branding } from "../branding.ts";
import { meaning } from "../document/quality.ts";
import type {
  Block,
  Cover,
  Fact,
  ReportDocument,
  Section,
  Table,
  Text,
} from "../document/model.ts";
import { listFindings } from "../findings/ranking.ts";
import {
  formatCount,
  formatDuration,
  formatFixed,
  formatNumber,
  formatRange,
  formatTime,
  formatValue,
} from "../format.ts";
import type { Analysis } from "../report.ts";
import type { Summary } from "../statistics/summary.ts";
import type { Aligned, Alignment } from "./alignment.ts";
import { createPictures, type Pictures } from "./charts.ts";
import type { Comparison } from "./compare.ts";
import type { Difference, Quantity, Subject } from "./differences.ts";
import { pricePerformance } from "./price.ts";

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

/** Named in words in the verdict; the table has all. */
const mostNamed = 7;
/** Drawn beside those that are always drawn. */
const mostDrawn = 6;
/** Of a digest; the machines' table has all of it. */
const shownDigits = 12;
const alwaysDrawn = [
  /^cpu_busy$/,
  /^mem_used$/,
  /^disk_.+_(read|write)_bytes$/,
  /^net_.+_(rx|tx)_bytes$/,
];

export function buildComparison(input: ComparisonInput): ReportDocument {
  const { reports, comparison, title, generator } = input;
  const { quantities, differences } = comparison;
  const pictures = createPictures(reports, comparison);
  const sections = [
    differencesSection(input, pictures.radar(quantities)),
    sideBySideSection(quantities, differences, pictures),
    machinesSection(reports),
    priceSection(reports, quantities),
    trustSection(input),
    annexSection(reports, quantities),
  ].filter((section) => section !== null);
  const { nowS: madeS, branding } = input;
  return { title, cover: cover(input), sections, generator, madeS, branding };
}

function cover({ reports, comparison, title, generator, nowS }: ComparisonInput): Cover {
  const grade =
    reports
      .map((report) => report.grade.grade)
      .toSorted()
      .at(-1) ?? "F";
  return {
    heading: listed(
      reports.map(({ label }) => label),
      "and",
    ),
    subheading: title,
    status: statusOf(comparison.differences),
    grade,
    gradeText: reports.length === 1 ? meaning[grade] : `Of the worst of them. ${meaning[grade]}`,
    facts: [
      ...reports.map(({ label, dataset: { timing }, source }): Fact => {
        const { startS, endS, sampleCount, intervalS } = timing;
        const every = intervalS === null ? "" : `, every ${formatDuration(intervalS)}`;
        return {
          label,
          value: [
            `${formatRange(startS, endS)}, ${formatCount(sampleCount, "sample")}${every}. ${source.name}, SHA-256 `,
            { kind: "code", text: `${source.sha256.slice(0, shownDigits)}…` },
          ],
        };
      }),
      { label: "Made", value: `${formatTime(nowS)} UTC by ${generator}` },
    ],
  };
}

function statusOf(differences: readonly Difference[]): Cover["status"] {
  const worse = differences.filter(({ verdict }) => verdict === "worse").length;
  if (differences.length === 0) return { tone: "good", text: "No difference that matters" };
  const found = formatCount(differences.length, "difference");
  if (worse === 0) return { tone: "good", text: `${found}, none for the worse` };
  return { tone: "warning", text: `${found}, ${worse} for the worse` };
}

function differencesSection(
  { reports, comparison }: ComparisonInput,
  radar: Block | null,
): Section {
  const { alignment, aligned, differences } = comparison;
  const [first, ...others] = reports.map(({ label }) => `“${label}”`);
  const blocks: Block[] = [
    {
      kind: "paragraph",
      text: `${listed(others, "and")} compared with ${first ?? ""}, ${commonTime(alignment, aligned)}: ${countInWords(differences)}`,
      lead: true,
    },
  ];
  if (differences.length > 0) {
    blocks.push(
      {
        kind: "list",
        items: differences.slice(0, mostNamed).map((difference) => inWords(reports, difference)),
      },
      differencesTable(reports, differences),
    );
  }
  if (radar !== null) blocks.push(radar);
  return { id: "differences", title: "What differs", blocks };
}

function countInWords(differences: readonly Difference[]): string {
  if (differences.length === 0) return "nothing differs in a way that anyone would act on.";
  const count = (wanted: Difference["verdict"]): number =>
    differences.filter(({ verdict }) => verdict === wanted).length;
  const [worse, better, other] = [count("worse"), count("better"), count("other")];
  const parts = [
    worse === 0 ? [] : `${worse} for the worse`,
    better === 0 ? [] : `${better} for the better`,
    other === 0 ? [] : `${other} because the load was another one`,
  ].flat();
  return `${formatCount(differences.length, "thing")} ${differences.length === 1 ? "differs" : "differ"}, ${listed(parts, "and")}.`;
}

/** "over the first 2 h of each" */
function commonTime(alignment: Alignment, { startS, endS }: Aligned): string {
  switch (alignment) {
    case "elapsed":
      return `over the first ${formatDuration(endS - startS)} of each`;
    case "time-of-day":
      return `at the times of day that all have, ${clock(startS)} – ${clock(endS)} UTC`;
    case "marker":
      return `from ${aroundMarker(startS)} to ${aroundMarker(endS)} their markers`;
  }
}

function clock(secondS: number): string {
  const minutes = Math.floor(secondS / 60);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function aroundMarker(secondS: number): string {
  return `${formatDuration(Math.abs(secondS))} ${secondS < 0 ? "before" : "behind"}`;
}

function inWords(reports: readonly ComparedReport[], difference: Difference): Text {
  const { quantity, subject, before, after, verdict } = difference;
  const { label, unit } = quantity;
  const value = (of: number): string => formatValue(of, unit);
  const [base, other] = [reports[0]?.label ?? "", reports[subject]?.label ?? ""];
  const judged =
    verdict === "worse" ? " This is worse." : verdict === "better" ? " This is better." : "";
  return [
    { kind: "strong", text: label },
    ` ${after.mean > before.mean ? "is higher" : "is lower"} in “${other}”: ${value(after.mean)} on average instead of ${value(before.mean)} in “${base}”${times(before, after)}, ` +
      `and ${value(after.p95)} instead of ${value(before.p95)} at the 95th percentile.${judged}`,
  ];
}

/** Only where it says more than the two numbers. */
function times({ mean: before }: Summary, { mean: after }: Summary): string {
  const ratio = after / before;
  return ratio >= 2 && Number.isFinite(ratio) ? ` (${formatNumber(ratio)} times as much)` : "";
}

function differencesTable(
  reports: readonly ComparedReport[],
  differences: readonly Difference[],
): Table {
  const several = reports.length > 2;
  const right = (label: string) => ({ label, align: "right" as const });
  const left = (label: string) => ({ label, align: "left" as const });
  return {
    kind: "table",
    caption: "By the size of the effect (Cliff's δ), the clearest first",
    columns: [
      left("Quantity"),
      ...(several ? [left("Capture")] : []),
      right("Mean before"),
      right("Mean after"),
      right("p95 before"),
      right("p95 after"),
      right("δ"),
      left("Effect"),
      left("Judged"),
    ],
    rows: differences.map(({ quantity, subject, before, after, delta, size, verdict }) => [
      quantity.label,
      ...(several ? [reports[subject]?.label ?? ""] : []),
      ...[before.mean, after.mean, before.p95, after.p95].map((of) =>
        formatValue(of, quantity.unit),
      ),
      `${delta > 0 ? "+" : ""}${formatFixed(delta, 2)}`,
      size,
      verdict === "other" ? "–" : verdict,
    ]),
  };
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
    title: "Side by side",
    blocks: drawn.map((quantity) => pictures.overlay(quantity)),
  };
}

function machinesSection(reports: readonly ComparedReport[]): Section {
  const rows: [label: string, value: (report: ComparedReport) => string | number | null][] = [
    ["Machine id", ({ dataset }) => dataset.machineId],
    ["Kernel", ({ facts }) => facts.kernel],
    ["Distribution", ({ facts }) => facts.distribution],
    ["CPU", ({ facts }) => facts.cpuModel],
    ["CPUs", ({ facts, dataset }) => facts.cpuCount ?? dataset.cpuCount],
    ["Memory", memoryOf],
    ["Cloud type", ({ facts }) => facts.instanceType],
    ["Cost an hour", ({ costPerHour }) => costPerHour],
    ["Input, SHA-256", ({ source }) => source.sha256],
  ];
  const known = rows
    .map(([label, value]) => [label, ...reports.map((report) => String(value(report) ?? "–"))])
    .filter(([, ...values]) => values.some((value) => value !== "–"));
  const findings = reports.map(({ judgements }) =>
    listFindings(judgements).map(({ finding }) => finding.title),
  );
  const titles = [...new Set(findings.flat())];
  const columns = [
    { label: "", align: "left" as const },
    ...reports.map(({ label }) => ({ label, align: "left" as const })),
  ];
  return {
    id: "machines",
    title: "The machines",
    blocks: [
      { kind: "table", caption: "What they are", columns, rows: known },
      titles.length === 0
        ? { kind: "paragraph", text: "No rule found anything in any of the captures by itself." }
        : {
            kind: "table",
            caption: "What was found in each by itself",
            columns,
            rows: titles.map((title) => [
              title,
              ...findings.map((own) => (own.includes(title) ? "found" : "–")),
            ]),
          },
    ],
  };
}

function memoryOf({ facts, dataset }: ComparedReport): string | null {
  const total = dataset.measure("mem_total");
  const bytes = facts.memoryBytes ?? (total === null ? null : dataset.summary(total).max);
  return bytes === null ? null : formatValue(bytes, "bytes");
}

function priceSection(
  reports: readonly ComparedReport[],
  quantities: readonly Quantity[],
): Section | null {
  const prices = pricePerformance(reports, quantities);
  if (prices.length === 0) return null;
  const cost = (value: number | null): string => (value === null ? "–" : formatNumber(value));
  return {
    id: "price",
    title: "Price and performance",
    blocks: [
      {
        kind: "paragraph",
        text: "What the work of an hour cost at the load that was measured. A machine that is hardly used is dear by this measure whatever it could do.",
      },
      {
        kind: "table",
        caption: "Cost in the currency that was given",
        columns: [
          { label: "Capture", align: "left" },
          ...[
            "An hour",
            "A busy CPU for an hour",
            "A million disk requests",
            "A GiB of traffic",
          ].map((label) => ({ label, align: "right" as const })),
        ],
        rows: prices.map(({ label, ...price }) => [
          label,
          ...[
            price.costPerHour,
            price.perBusyCpuHour,
            price.perMillionRequests,
            price.perGibibyte,
          ].map(cost),
        ]),
      },
    ],
  };
}

function trustSection({ reports }: ComparisonInput): Section {
  const checks = [...new Set(reports.flatMap(({ grade }) => grade.checks.map(({ name }) => name)))];
  const limits = reports.flatMap(({ label, grade }) =>
    grade.limits.map((limit) => `${label}: ${limit}`),
  );
  const blocks: Block[] = [
    {
      kind: "table",
      caption: "Grades of the data",
      columns: [
        { label: "Check", align: "left" },
        ...reports.map(({ label }) => ({ label, align: "left" as const })),
      ],
      rows: [
        ["All", ...reports.map(({ grade }) => grade.grade)],
        ...checks.map((name) => [
          name,
          ...reports.map(
            ({ grade }) => grade.checks.find((check) => check.name === name)?.grade ?? "–",
          ),
        ]),
      ],
    },
  ];
  if (limits.length > 0) {
    blocks.push(
      { kind: "heading", text: "What this data does not support" },
      { kind: "list", items: limits },
    );
  }
  blocks.push({ kind: "heading", text: "Method" }, { kind: "list", items: method });
  return { id: "trust", title: "How far this can be trusted", blocks };
}

const method = [
  "Only the time that all captures have is compared; a gap in one of them stays a gap.",
  "Cliff's δ says how much more often a value of one capture exceeds one of the other than the other way round: 0 means that neither does, ±1 that all do. From 0.147 an effect is called small, from 0.33 medium, from 0.474 large (Romano et al., 2006). Of long captures 10,000 evenly taken samples enter it.",
  "Listed are differences of at least a small effect whose mean or 95th percentile changes by 5 % and by an amount that someone could notice: 1 % of a share, 0.5 ms, 50 kB/s, 10 a second, 16 MiB, 0.2 of a count.",
  "More CPU time, waiting, queues, pressure, errors and swapping are called worse. More work done (bytes, requests, packets) is neither: it says that the load was another one.",
  "The busiest disk and the primary interface of each capture are compared with one another, whatever their names.",
];

function annexSection(
  reports: readonly ComparedReport[],
  quantities: readonly Quantity[],
): Section {
  const figures: [string, keyof Summary][] = [
    ["Mean", "mean"],
    ["p50", "p50"],
    ["p95", "p95"],
    ["p99", "p99"],
    ["Max", "max"],
  ];
  return {
    id: "annex",
    title: "Annex",
    blocks: [
      {
        kind: "table",
        caption: "All quantities that were compared, over the time that all captures have",
        columns: [
          { label: "Quantity", align: "left" },
          { label: "Capture", align: "left" },
          ...figures.map(([label]) => ({ label, align: "right" as const })),
        ],
        rows: quantities.flatMap(({ label, unit, summaries }) =>
          reports.map((report, at) => {
            const summary = summaries[at] ?? null;
            const cells = figures.map(([, key]) =>
              summary === null ? "–" : formatValue(summary[key], unit),
            );
            return [label, report.label, ...cells];
          }),
        ),
      },
    ],
  };
}

/** "a, b and c" */
function listed(names: readonly string[], word: string): string {
  const [last = "", ...before] = names.toReversed();
  return before.length === 0 ? last : `${before.toReversed().join(", ")} ${word} ${last}`;
}
