import type { Block, Section, Table, Text } from "../document/model.ts";
import { formatFixed, formatNumber, formatValue } from "../format.ts";
import type { Summary } from "../statistics/summary.ts";
import { comparisonTexts } from "../texts/english-comparison.ts";
import type { Comparison } from "./compare.ts";
import type { Difference, Subject } from "./differences.ts";
import { lacksSwap } from "./size.ts";

const words = comparisonTexts.differences;
/** Named in words; the table has all. */
const mostNamed = 7;

/** What differs, in words and in numbers; `radar` is null where it was not drawn. */
export function differencesSection(
  subjects: readonly Subject[],
  { alignment, aligned, differences }: Comparison,
  radar: Block | null,
): Section {
  const [first = "", ...others] = subjects.map(({ label }) => label);
  const time = words.time(alignment, aligned.startS, aligned.endS);
  const blocks: Block[] = [
    {
      kind: "paragraph",
      text: words.introduction(first, others, time, countInWords(differences)),
      lead: true,
    },
  ];
  if (differences.length > 0) {
    blocks.push(
      {
        kind: "list",
        items: differences.slice(0, mostNamed).map((difference) => inWords(subjects, difference)),
      },
      differencesTable(subjects, differences),
    );
  }
  const without = subjects.filter(lacksSwap).map(({ label }) => label);
  if (without.length > 0 && without.length < subjects.length) {
    blocks.push({ kind: "paragraph", text: words.noSwap(without) });
  }
  if (radar !== null) blocks.push(radar);
  return { id: "differences", title: words.title, blocks };
}

function countInWords(differences: readonly Difference[]): string {
  if (differences.length === 0) return words.none;
  const count = (wanted: Difference["verdict"]): number =>
    differences.filter(({ verdict }) => verdict === wanted).length;
  const counts = { worse: count("worse"), better: count("better"), other: count("other") };
  return words.some(differences.length, counts);
}

/** By the effect, as it is ranked and judged: a few large values can move the mean the other way. */
function inWords(
  subjects: readonly Subject[],
  { quantity, subject, before, after, delta, verdict }: Difference,
): Text {
  const { label, unit } = quantity;
  const value = (of: number): string => formatValue(of, unit);
  const text = words.inWords({
    isHigher: delta > 0,
    meanAgrees: after.mean > before.mean === delta > 0,
    base: subjects[0]?.label ?? "",
    other: subjects[subject]?.label ?? "",
    before: value(before.mean),
    after: value(after.mean),
    beforeP95: value(before.p95),
    afterP95: value(after.p95),
    times: timesAsMuch(before, after),
    verdict,
  });
  return [{ kind: "strong", text: label }, text];
}

/** Only where it says more than the two numbers. */
function timesAsMuch({ mean: before }: Summary, { mean: after }: Summary): string | null {
  const ratio = after / before;
  return ratio >= 2 && Number.isFinite(ratio) ? formatNumber(ratio) : null;
}

function differencesTable(subjects: readonly Subject[], differences: readonly Difference[]): Table {
  const several = subjects.length > 2;
  const [base = "", only = ""] = subjects.map(({ label }) => label);
  const right = (label: string) => ({ label, align: "right" as const });
  const left = (label: string) => ({ label, align: "left" as const });
  const { columns } = words;
  return {
    kind: "table",
    caption: words.caption,
    columns: [
      left(columns.quantity),
      ...(several ? [left(columns.capture)] : []),
      ...[columns.mean, columns.p95].flatMap((figure) => [
        right(figure(base)),
        right(figure(several ? columns.theCapture : only)),
      ]),
      right(columns.delta),
      left(columns.effect),
      left(columns.judged),
    ],
    rows: differences.map(({ quantity, subject, before, after, delta, size, verdict }) => [
      quantity.label,
      ...(several ? [subjects[subject]?.label ?? ""] : []),
      ...[before.mean, after.mean, before.p95, after.p95].map((of) =>
        formatValue(of, quantity.unit),
      ),
      `${delta > 0 ? "+" : ""}${formatFixed(delta, 2)}`,
      words.sizes[size],
      words.verdicts[verdict],
    ]),
  };
}
