import type { DataGrade } from "../validation/grade-data.ts";
import type { Judgement } from "../findings/conflicts.ts";
import type { Finding, Rule } from "../findings/finding.ts";
import { listFindings } from "../findings/ranking.ts";
import { formatCount, formatDuration, formatRange, formatValue, lowerFirst } from "../format.ts";
import type { Context } from "./context.ts";
import type { Block, Cover, FindingBlock, Section, Tile, VerdictLine } from "./model.ts";

const mostTimes = 6;
/** Findings on the first page; the others have a section of their own. */
const mostFindings = 7;
const counts = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/** The first page: what is wrong, or that nothing is, with the numbers that show it. */
export function verdictSection(
  context: Context,
  judgements: readonly Judgement[],
  { grade, name, anchors }: { grade: DataGrade; name: string; anchors: ReadonlySet<string> },
): Section {
  const findings = listFindings(judgements);
  const rest = findings.length - mostFindings;
  const more: Block[] =
    rest > 0
      ? [
          {
            kind: "paragraph",
            text: [
              `${capital(count(rest))} more of less weight ${rest === 1 ? "stands" : "stand"} under `,
              { kind: "link", text: furtherTitle, anchor: furtherId },
              ".",
            ],
          },
        ]
      : [];
  const verdicts = judgements
    .filter(({ rule, verdict }) => verdict.outcome === "explained" || rule.essential === true)
    .flatMap(verdictLine);
  return {
    id: "verdict",
    title: "Verdict",
    blocks: [
      { kind: "paragraph", text: verdictText(context, judgements, { grade, name }), lead: true },
      { kind: "tiles", tiles: tiles(context) },
      ...findings.slice(0, mostFindings).map((found) => findingBlock(found, anchors)),
      ...more,
      ...(verdicts.length === 0 ? [] : [{ kind: "verdicts", verdicts } as const]),
      {
        kind: "paragraph",
        text: [
          "Each check with its figures and limit, and each that could not be made with the reason, stands under ",
          { kind: "link", text: checksTitle, anchor: checksId },
          ".",
        ],
      },
    ],
  };
}

const checksId = "checks";
const checksTitle = "Checks";

/** Every rule that found nothing or could not judge; those that could not for the same reason are named together. */
export function checksSection(judgements: readonly Judgement[]): Section {
  const lines = judgements
    .filter(({ verdict }) => verdict.outcome !== "explained")
    .flatMap(verdictLine);
  const reasons = Map.groupBy(
    lines.filter(({ outcome }) => outcome === "refused"),
    ({ sentence }) => sentence,
  );
  const refused = [...reasons].map(([sentence, same]): VerdictLine => {
    const titles = same.map(({ title }, index) => (index === 0 ? title : lowerFirst(title)));
    return { outcome: "refused", title: titles.join(", "), sentence };
  });
  const verdicts = [...lines.filter(({ outcome }) => outcome !== "refused"), ...refused];
  return { id: checksId, title: checksTitle, blocks: [{ kind: "verdicts", verdicts }] };
}

const furtherId = "further-findings";
const furtherTitle = "Further findings";

/** What the verdict has no room for; null where it has. */
export function furtherFindingsSection(
  judgements: readonly Judgement[],
  anchors: ReadonlySet<string>,
): Section | null {
  const findings = listFindings(judgements).slice(mostFindings);
  if (findings.length === 0) return null;
  return {
    id: furtherId,
    title: furtherTitle,
    blocks: findings.map((found) => findingBlock(found, anchors)),
  };
}

function findingBlock(
  { rule, finding }: { rule: Rule; finding: Finding },
  anchors: ReadonlySet<string>,
): FindingBlock {
  const { severity, confidence, title, sentence, evidence, advice } = finding;
  return {
    kind: "finding",
    id: `finding-${rule.id}`,
    ruleId: rule.id,
    source: rule.source,
    severity,
    confidence,
    title,
    sentence,
    advice,
    evidence: evidence.map(({ ranges, chartId, ...observation }) => ({
      ...observation,
      times: describeTimes(ranges),
      anchor: chartId !== null && anchors.has(chartId) ? chartId : null,
    })),
  };
}

function verdictLine({ rule: { title }, verdict }: Judgement): VerdictLine[] {
  switch (verdict.outcome) {
    case "finding":
      return [];
    case "explained":
      return [
        {
          outcome: verdict.outcome,
          title,
          sentence: `${verdict.finding.sentence} At the same time: ${lowerFirst(verdict.by.title)}, the likelier cause.`,
        },
      ];
    case "clear":
      return [{ outcome: verdict.outcome, title, sentence: verdict.sentence }];
    case "refused":
      return [{ outcome: verdict.outcome, title, sentence: verdict.reason }];
  }
}

/** The verdict in a few words, for the cover and for lists of reports. */
export function verdictStatus(judgements: readonly Judgement[]): Cover["status"] {
  const problems = listFindings(judgements).filter(({ finding }) => isProblem(finding));
  const [worst] = problems;
  if (worst !== undefined) {
    return { tone: worst.finding.severity, text: formatCount(problems.length, "finding") };
  }
  const refused = numberOf(judgements, "refused");
  const missing = missingEssentials(judgements);
  if (missing === "all") return { tone: "unknown", text: "Not enough data to judge" };
  if (missing === "some") {
    return {
      tone: "good",
      text: `No finding in ${judgements.length - refused} of ${judgements.length} checks`,
    };
  }
  return { tone: "good", text: "Nothing is wrong" };
}

function verdictText(
  { dataset }: Context,
  judgements: readonly Judgement[],
  { grade, name }: { grade: DataGrade; name: string },
): string {
  const window = `In the ${formatDuration(dataset.timing.lengthS)} of data from ${name}`;
  const findings = listFindings(judgements);
  const problems = findings.filter(({ finding }) => isProblem(finding));
  const clear = numberOf(judgements, "clear");
  const refused = numberOf(judgements, "refused");
  const trust =
    grade.grade === "A" || grade.grade === "B"
      ? ""
      : ` The data has grade ${grade.grade}, which limits how firmly this can be said.`;
  const notices = noticed(findings.length - problems.length);
  if (problems.length > 0) {
    const titles = problems
      .slice(0, mostFindings)
      .map(({ finding }) => lowerFirst(finding.title))
      .join("; ");
    const more = problems.length - mostFindings;
    const rest = more > 0 ? `; and ${count(more)} more` : "";
    const others =
      clear === 0
        ? ""
        : ` ${capital(count(clear))} other ${clear === 1 ? "check" : "checks"} found nothing wrong.`;
    return `${window}, ${problems.length === 1 ? "one thing needs" : `${count(problems.length)} things need`} attention: ${titles}${rest}.${notices}${others}${unjudged(refused)}${trust}`;
  }
  const missing = missingEssentials(judgements);
  if (missing === "all") {
    return `${window} there is too little to judge by: neither CPU nor memory nor disks could be checked. The figures below are what was measured; they are no verdict.${notices}`;
  }
  const made = judgements.length - refused;
  if (missing === "some") {
    return `${window}, nothing wrong was found in the ${count(made)} of ${count(judgements.length)} checks that could be made.${notices}${unjudged(refused)}${trust}`;
  }
  return `${window}, nothing is wrong: CPU, memory and disks were measured in ${count(made)} checks, and none of these found a problem.${notices}${unjudged(refused)}${trust}`;
}

function isProblem({ severity }: Finding): boolean {
  return severity !== "notice";
}

function numberOf(
  judgements: readonly Judgement[],
  outcome: Judgement["verdict"]["outcome"],
): number {
  return judgements.filter(({ verdict }) => verdict.outcome === outcome).length;
}

/** How many of the checks without which nobody can say that nothing is wrong could not be made. */
function missingEssentials(judgements: readonly Judgement[]): "none" | "some" | "all" {
  const essential = judgements.filter(({ rule }) => rule.essential === true);
  const refused = numberOf(essential, "refused");
  if (refused === 0) return "none";
  return refused === essential.length ? "all" : "some";
}

function noticed(notices: number): string {
  if (notices === 0) return "";
  return ` ${capital(count(notices))} ${notices === 1 ? "notice says" : "notices say"} what else there is to know.`;
}

function unjudged(refused: number): string {
  if (refused === 0) return "";
  return ` ${capital(count(refused))} ${refused === 1 ? "check" : "checks"} could not be made.`;
}

/** In a word where there is one. */
function count(number: number): string {
  return counts[number] ?? String(number);
}

function describeTimes(ranges: readonly { startS: number; endS: number }[]): string[] {
  const shown = ranges.slice(0, mostTimes).map(({ startS, endS }) => formatRange(startS, endS));
  const more = ranges.length - shown.length;
  return more === 0 ? shown : [...shown, `and ${more} more`];
}

function tiles({ dataset, disks, interfaces }: Context): Tile[] {
  const found: Tile[] = [];
  const add = (
    column: string,
    {
      label,
      key,
      note,
      anchor,
    }: { label: string; key: "min" | "p95"; note: string; anchor: string },
  ): boolean => {
    const measure = dataset.measure(column);
    if (measure === null) return false;
    const value = formatValue(dataset.summary(measure)[key], measure.unit);
    found.push({ label, value, note, anchor });
    return true;
  };
  const p95 = { key: "p95", note: "95th percentile" } as const;
  add("cpu_busy", { label: "CPU busy", ...p95, anchor: "cpu" });
  add("mem_available_percent", {
    label: "Memory available",
    key: "min",
    note: "lowest, of all memory",
    anchor: "memory",
  });
  const [disk] = disks;
  if (disk !== undefined) {
    const anchor = "disk";
    if (!add(`disk_${disk}_busy`, { label: `Disk ${disk} busy`, ...p95, anchor })) {
      add(`disk_${disk}_write_bytes`, { label: `Disk ${disk} written`, ...p95, anchor });
    }
  }
  const [first] = interfaces;
  if (first !== undefined) {
    const busier = ["rx", "tx"]
      .map((way) => ({ way, measure: dataset.measure(`net_${first}_${way}_bytes`) }))
      .toSorted((a, b) => p95Of(b.measure) - p95Of(a.measure))[0];
    const verb = busier?.way === "tx" ? "sent" : "received";
    add(`net_${first}_${busier?.way ?? "rx"}_bytes`, {
      label: `${first} ${verb}`,
      ...p95,
      anchor: "network",
    });
  }
  return found;

  function p95Of(measure: ReturnType<typeof dataset.measure>): number {
    return measure === null ? -1 : dataset.summary(measure).p95;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
