import type { DataGrade } from "../validation/grade-data.ts";
import type { Judgement } from "../findings/conflicts.ts";
import type { Finding, Rule } from "../findings/finding.ts";
import { warningS } from "../findings/duration.ts";
import { listFindings } from "../findings/ranking.ts";
import {
  formatCount,
  formatDuration,
  formatRange,
  formatValue,
  keepUnits,
  lowerFirst,
} from "../format.ts";
import { principalOf } from "../statistics/devices.ts";
import type { Context } from "./context.ts";
import { byBusy } from "./device-figures.ts";
import type { Block, Cover, FindingBlock, Section, Tile, VerdictLine } from "./model.ts";
import { texts } from "../texts/english.ts";

const mostTimes = 6;
/** CPU time, memory, disks, network. */
const resourceCount = 4;
/** Findings on the first page; the others have a section of their own. */
const mostFindings = 7;
/** Of the disks of a large machine each may be one. */
const mostEvidence = 6;
/** Named on the cover. */
const mostOnCover = 3;
const words = texts.verdict;

/** The first page: what is wrong, or that nothing is, with the numbers that show it. */
export function verdictSection(
  context: Context,
  judgements: readonly Judgement[],
  {
    grade,
    name,
    absent,
    anchors,
  }: {
    grade: DataGrade;
    name: string;
    /** Resources of which the file has nothing. */
    absent: readonly string[];
    anchors: ReadonlySet<string>;
  },
): Section {
  const findings = listFindings(judgements);
  const rest = findings.length - mostFindings;
  const more: Block[] =
    rest > 0
      ? [
          {
            kind: "paragraph",
            text: [
              words.further(capital(count(rest)), rest === 1),
              { kind: "link", text: words.furtherTitle, anchor: furtherId },
              ".",
            ],
          },
        ]
      : [];
  const shown = tiles(context);
  const verdicts = judgements
    .filter(({ rule, verdict }) => verdict.outcome === "explained" || rule.essential === true)
    .flatMap(verdictLine);
  return {
    id: "verdict",
    title: words.title,
    blocks: [
      { kind: "paragraph", text: verdictText(context, judgements, { grade, name }), lead: true },
      ...(absent.length === 0
        ? []
        : [{ kind: "paragraph", text: holding(context, absent) } as const]),
      ...(shown.length === 0 ? [] : [{ kind: "tiles", tiles: shown } as const]),
      ...findings.slice(0, mostFindings).map((found) => findingBlock(found, anchors)),
      ...more,
      ...(verdicts.length === 0 ? [] : [{ kind: "verdicts", verdicts } as const]),
      {
        kind: "paragraph",
        text: [words.checks, { kind: "link", text: words.checksTitle, anchor: checksId }, "."],
      },
    ],
  };
}

/** What the file has nothing of; where that is the whole machine, and it has containers, these. */
function holding({ containers }: Context, absent: readonly string[]): string {
  return absent.length === resourceCount && containers.length > 0
    ? words.onlyContainers(formatCount(containers.length, "container"), absent)
    : words.absent(absent);
}

const checksId = "checks";

/** Every rule that found nothing or could not judge, in the order of the rules. */
export function checksSection(judgements: readonly Judgement[]): Section {
  const verdicts = judgements
    .filter(({ verdict }) => verdict.outcome !== "explained")
    .flatMap(verdictLine);
  return { id: checksId, title: words.checksTitle, blocks: [{ kind: "verdicts", verdicts }] };
}

const furtherId = "further-findings";

/** What the verdict has no room for; null where it has. */
export function furtherFindingsSection(
  judgements: readonly Judgement[],
  anchors: ReadonlySet<string>,
): Section | null {
  const findings = listFindings(judgements).slice(mostFindings);
  if (findings.length === 0) return null;
  return {
    id: furtherId,
    title: words.furtherTitle,
    blocks: findings.map((found) => findingBlock(found, anchors)),
  };
}

/** What stands in the document of a finding's evidence: the worst. */
export function evidenceShown({ evidence }: Finding): Finding["evidence"] {
  return evidence.slice(0, mostEvidence);
}

function findingBlock(
  { rule, finding }: { rule: Rule; finding: Finding },
  anchors: ReadonlySet<string>,
): FindingBlock {
  const { severity, confidence, title, sentence, evidence, advice } = finding;
  const rest = evidence.length - mostEvidence;
  return {
    kind: "finding",
    id: `finding-${rule.id}`,
    ruleId: rule.id,
    source: keepUnits(rule.source),
    severity,
    confidence,
    title,
    sentence: keepUnits(sentence),
    advice: advice.map(keepUnits),
    evidence: evidenceShown(finding).map(({ ranges, chartId, ...observation }) => ({
      sentence: keepUnits(observation.sentence),
      threshold: keepUnits(observation.threshold),
      times: describeTimes(ranges),
      anchor: chartId !== null && anchors.has(chartId) ? chartId : null,
    })),
    further: rest > 0 ? words.moreEvidence(rest) : null,
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
          sentence: words.explained(verdict.finding.sentence, lowerFirst(verdict.by.title)),
        },
      ];
    case "clear":
      return [{ outcome: verdict.outcome, title, sentence: keepUnits(verdict.sentence) }];
    case "refused":
      return [{ outcome: verdict.outcome, title, sentence: keepUnits(verdict.reason) }];
  }
}

/** The verdict in a few words, for the cover and for lists of reports. */
export function verdictStatus(
  judgements: readonly Judgement[],
  { grade, checks }: DataGrade,
): Cover["status"] {
  if (grade === "F") {
    const isLittle = checks.some((check) => check.grade === "F" && check.id === "amount");
    return { tone: "unknown", text: isLittle ? words.tooLittle : words.notJudged };
  }
  const problems = listFindings(judgements).filter(({ finding }) => isProblem(finding));
  const [worst] = problems;
  if (worst !== undefined) {
    return { tone: worst.finding.severity, text: problemCount(problems) };
  }
  if (listUndecided(judgements).length > 0) return { tone: "unknown", text: words.isUndecided };
  const refused = numberOf(judgements, "refused");
  const missing = missingEssentials(judgements);
  if (missing === "all") return { tone: "unknown", text: words.tooLittle };
  if (missing === "some" || grade === "D") {
    return {
      tone: "good",
      text: words.noFinding(judgements.length - refused, judgements.length),
    };
  }
  return { tone: "good", text: words.nothing };
}

/** How bad it is stands in words, too: not everybody sees the colour. */
function problemCount(problems: ReturnType<typeof listFindings>): string {
  const critical = problems.filter(({ finding }) => finding.severity === "critical").length;
  if (critical === 0) return formatCount(problems.length, words.warning);
  if (critical === problems.length) return formatCount(critical, words.criticalFinding);
  return words.ofWhichCritical(formatCount(problems.length, words.finding), critical);
}

/** For the cover: what the problems are, or which checks speak for a machine that has none. */
export function verdictSummary(judgements: readonly Judgement[], { grade }: DataGrade): string {
  const problems = listFindings(judgements).filter(({ finding }) => isProblem(finding));
  const told = problems.length > 0 ? problems : listUndecided(judgements);
  if (told.length > 0) return `${capital(titlesOf(told, mostOnCover))}.`;
  const refused = numberOf(judgements, "refused");
  if (grade === "F") return words.noneApplied;
  switch (missingEssentials(judgements)) {
    case "all":
      return words.noneChecked;
    case "some":
      return words.notAllChecked;
    case "none":
      if (grade === "D") return words.onlyHints;
      return words.allClear(formatCount(judgements.length - refused, words.check), refused === 0);
  }
}

function titlesOf(problems: ReturnType<typeof listFindings>, most: number): string {
  const titles = problems
    .slice(0, most)
    .map(({ finding }) => lowerFirst(finding.title))
    .join("; ");
  const more = problems.length - most;
  return more > 0 ? `${titles}${words.andMore(count(more))}` : titles;
}

function verdictText(
  { dataset }: Context,
  judgements: readonly Judgement[],
  { grade, name }: { grade: DataGrade; name: string },
): string {
  const { lengthS } = dataset.timing;
  const window =
    lengthS === 0 ? words.onlySample(name) : words.window(formatDuration(lengthS), name);
  const findings = listFindings(judgements);
  const problems = findings.filter(({ finding }) => isProblem(finding));
  const clear = numberOf(judgements, "clear");
  const refused = numberOf(judgements, "refused");
  const trust = grade.grade === "A" || grade.grade === "B" ? "" : words.trust(grade.grade);
  const undecided = listUndecided(judgements);
  const notices = noticed(findings.length - problems.length - undecided.length);
  const others = clear === 0 ? "" : words.othersClear(capital(count(clear)), clear === 1);
  if (grade.grade === "F") {
    return words.untrusted(window, titlesOf(problems, mostFindings));
  }
  if (problems.length > 0) {
    const titles = titlesOf(problems, mostFindings);
    const number = problems.length === 1 ? null : count(problems.length);
    const early = undecided.length === 0 ? "" : words.besides(titlesOf(undecided, mostFindings));
    return `${words.attention(window, number, titles)}${early}${notices}${others}${unjudged(refused)}${trust}`;
  }
  if (undecided.length > 0) {
    const titles = titlesOf(undecided, mostFindings);
    return `${words.undecided(window, titles)}${notices}${others}${unjudged(refused)}${trust}`;
  }
  const missing = missingEssentials(judgements);
  const isShort = lengthS < warningS;
  if (missing === "all")
    return `${isShort ? words.tooShort(window) : words.unknown(window)}${others}${notices}`;
  const made = judgements.length - refused;
  if (missing === "some" || grade.grade === "D") {
    return `${words.partlyClear(window, count(made), count(judgements.length))}${notices}${unjudged(refused)}${trust}`;
  }
  return `${words.clear(window, count(made))}${notices}${unjudged(refused)}${trust}`;
}

function isProblem({ severity }: Finding): boolean {
  return severity !== "notice";
}

/** What would be a problem, had it lasted long enough at a stretch. */
function listUndecided(judgements: readonly Judgement[]): ReturnType<typeof listFindings> {
  return listFindings(judgements).filter(({ finding: { cutShort } }) => {
    return cutShort !== undefined && cutShort !== "notice";
  });
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
  return words.notices(capital(count(notices)), notices === 1);
}

function unjudged(refused: number): string {
  if (refused === 0) return "";
  return words.unjudged(capital(count(refused)), refused === 1);
}

/** In a word where there is one. */
function count(number: number): string {
  return words.numbers[number] ?? String(number);
}

function describeTimes(ranges: readonly { startS: number; endS: number }[]): string[] {
  const shown = ranges.slice(0, mostTimes).map(({ startS, endS }) => formatRange(startS, endS));
  const more = ranges.length - shown.length;
  return more === 0 ? shown : [...shown, words.moreTimes(more)];
}

function tiles(context: Context): Tile[] {
  const { dataset, disks, interfaces, containers } = context;
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
  const p95 = { key: "p95", note: words.tiles.p95 } as const;
  add("cpu_busy", { label: words.tiles.cpu, ...p95, anchor: "cpu" });
  add("mem_available_percent", {
    label: words.tiles.memory,
    key: "min",
    note: words.tiles.memoryNote,
    anchor: "memory",
  });
  // Not the one shown first, which moved the most bytes: another may be full.
  const principal = byBusy(context, principalOf(disks));
  const [busiest] = principal;
  const [disk] = disks;
  const anchor = "disk";
  if (busiest !== undefined) {
    add(`disk_${busiest.name}_busy`, {
      label: words.tiles.diskBusy(busiest.name),
      key: "p95",
      note: principal.length > 1 ? words.tiles.busiest(principal.length) : words.tiles.p95,
      anchor,
    });
  } else if (disk !== undefined) {
    add(`disk_${disk}_write_bytes`, { label: words.tiles.diskWritten(disk), ...p95, anchor });
  }
  const [first] = interfaces;
  if (first !== undefined) {
    const busier = ["rx", "tx"]
      .map((way) => ({ way, measure: dataset.measure(`net_${first}_${way}_bytes`) }))
      .toSorted((a, b) => p95Of(b.measure) - p95Of(a.measure))[0];
    add(`net_${first}_${busier?.way ?? "rx"}_bytes`, {
      label: busier?.way === "tx" ? words.tiles.sent(first) : words.tiles.received(first),
      ...p95,
      anchor: "network",
    });
  }
  // Of a machine, its containers have a section; where there is no machine, they are what was measured.
  if (found.length === 0) {
    for (const [field, label] of [
      ["cpu", words.tiles.containerCpu],
      ["memory_bytes", words.tiles.containerMemory],
    ] as const) {
      const [most] = containers.toSorted(
        (a, b) =>
          p95Of(dataset.measure(`container_${b}_${field}`)) -
          p95Of(dataset.measure(`container_${a}_${field}`)),
      );
      if (most === undefined) continue;
      add(`container_${most}_${field}`, { label: label(most), ...p95, anchor: "containers" });
    }
  }
  return found;

  function p95Of(measure: ReturnType<typeof dataset.measure>): number {
    return measure === null ? -1 : dataset.summary(measure).p95;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
