import type { DataGrade } from "../data/grade.ts";
import { listFindings, type Judgement } from "../findings/judge.ts";
import { formatCount, formatDuration, formatRange, formatValue } from "../format.ts";
import type { Context } from "./context.ts";
import type { Block, Cover, FindingBlock, Section, Tile, VerdictLine } from "./model.ts";

const mostTimes = 6;
const counts = ["no", "one", "two", "three", "four", "five", "six", "seven"];

/** The first page: what is wrong, or that nothing is, with the numbers that show it. */
export function verdictSection(
  context: Context,
  judgements: readonly Judgement[],
  { grade, name, anchors }: { grade: DataGrade; name: string; anchors: ReadonlySet<string> },
): Section {
  const blocks: Block[] = [
    { kind: "paragraph", text: verdictText(context, judgements, { grade, name }), lead: true },
    { kind: "tiles", tiles: tiles(context) },
  ];
  const findings = listFindings(judgements);
  blocks.push(
    ...findings.map(({ rule, finding }): FindingBlock => {
      const { evidence, ...rest } = finding;
      return {
        kind: "finding",
        id: `finding-${rule.id}`,
        ruleId: rule.id,
        source: rule.source,
        ...rest,
        evidence: evidence.map(({ sentence, threshold, ranges, chartId }) => ({
          sentence,
          threshold,
          times: describeTimes(ranges),
          anchor: chartId !== null && anchors.has(chartId) ? chartId : null,
        })),
      };
    }),
  );
  const verdicts = judgements.flatMap(({ rule: { title }, verdict }): VerdictLine[] => {
    if (verdict.outcome === "clear") {
      return [{ outcome: verdict.outcome, title, sentence: verdict.sentence }];
    }
    if (verdict.outcome === "refused") {
      return [{ outcome: verdict.outcome, title, sentence: verdict.reason }];
    }
    return [];
  });
  if (verdicts.length > 0) blocks.push({ kind: "verdicts", verdicts });
  return { id: "verdict", title: "Verdict", blocks };
}

/** The verdict in a few words, for the cover and for lists of reports. */
export function verdictStatus(judgements: readonly Judgement[]): Cover["status"] {
  const findings = listFindings(judgements);
  const [worst] = findings;
  if (worst !== undefined) {
    return { tone: worst.finding.severity, text: formatCount(findings.length, "finding") };
  }
  const refused = judgements.filter(({ verdict }) => verdict.outcome === "refused").length;
  if (refused === judgements.length) return { tone: "unknown", text: "Not enough data to judge" };
  if (refused > 0) {
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
  const clear = judgements.filter(({ verdict }) => verdict.outcome === "clear").length;
  const refused = judgements.length - clear - findings.length;
  const trust =
    grade.grade === "A" || grade.grade === "B"
      ? ""
      : ` The data has grade ${grade.grade}, which limits how firmly this can be said.`;
  if (findings.length > 0) {
    const titles = findings.map(({ finding }) => lowerFirst(finding.title)).join("; ");
    const rest =
      clear === 0
        ? ""
        : ` ${capital(counts[clear] ?? String(clear))} of the other checks found nothing wrong.`;
    return `${window}, ${findings.length === 1 ? "one thing needs" : `${counts[findings.length] ?? findings.length} things need`} attention: ${titles}.${rest}${unjudged(refused)}${trust}`;
  }
  if (clear === 0) {
    return `${window} there is too little to judge by: none of the ${judgements.length} checks could be made. The figures below are what was measured; they are no verdict.`;
  }
  if (refused === 0) {
    return `${window}, nothing is wrong: CPU, memory and disks were measured against the limits below and stayed within them.${trust}`;
  }
  return `${window}, nothing wrong was found in the ${counts[clear] ?? clear} of ${counts[judgements.length] ?? judgements.length} checks that could be made.${unjudged(refused)}${trust}`;
}

function unjudged(refused: number): string {
  if (refused === 0) return "";
  return ` ${capital(counts[refused] ?? String(refused))} ${refused === 1 ? "check" : "checks"} could not be made; the reasons stand below.`;
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

function lowerFirst(text: string): string {
  return text === text.toUpperCase() ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
