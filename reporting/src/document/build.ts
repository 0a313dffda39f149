import type { Branding } from "../branding.ts";
import type { MachineFacts } from "../data/machine-facts.ts";
import { chartIds } from "../findings/finding.ts";
import type { Judgement } from "../findings/conflicts.ts";
import { listFindings } from "../findings/ranking.ts";
import {
  formatCount,
  formatDuration,
  formatLocalRange,
  formatRange,
  formatShare,
  formatTime,
  formatValue,
} from "../format.ts";
import { utc } from "../time-zone.ts";
import { annexSection } from "./annex.ts";
import type { Context } from "./context.ts";
import { containerSection } from "./containers.ts";
import { cpuSection } from "./cpu.ts";
import { diskSection } from "./disk.ts";
import { fileSystemSection } from "./filesystems.ts";
import { loadProfileSection } from "./load-profile.ts";
import { loadSection } from "./load.ts";
import { machineFacts } from "./machine-facts.ts";
import { memorySection } from "./memory.ts";
import type { Cover, Fact, ReportDocument, Section } from "./model.ts";
import { networkSection } from "./network.ts";
import { pressureSection } from "./pressure.ts";
import { meaning, qualitySection, type InputNotes } from "./quality.ts";
import { sizingSection } from "./sizing.ts";
import {
  checksSection,
  furtherFindingsSection,
  evidenceShown,
  verdictSection,
  verdictStatus,
  verdictSummary,
} from "./verdict.ts";
import { texts } from "../texts/english.ts";

export interface DocumentInput extends Omit<Context, "suspects"> {
  judgements: readonly Judgement[];
  notes: InputNotes;
  /** How the machine is called; its id where it has no other name. */
  machineName: string;
  facts: MachineFacts;
  title: string;
  source: Source;
  generator: string;
  /** When the report is made, Unix seconds. */
  nowS: number;
  branding?: Branding | undefined;
}

export interface Source {
  /** File name, or "standard input". */
  name: string;
  byteCount: number;
  sha256: string;
}

/** What a machine is measured by: a file that has nothing of one says so in its verdict, and has no section of it. */
const resourceNames = ["cpu", "memory", "disk", "network"] as const;

/** The whole report; the same input gives the same document. */
export function buildDocument(input: DocumentInput): ReportDocument {
  const { grade, judgements, notes, machineName } = input;
  const context: Context = { ...input, suspects: suspectsOf(input) };
  const resources = {
    cpu: cpuSection(context),
    memory: memorySection(context),
    disk: diskSection(context),
    network: networkSection(context),
  };
  const absent = resourceNames.filter((name) => resources[name] === null);
  const sections = [
    resources.cpu,
    loadSection(context),
    resources.memory,
    resources.disk,
    resources.network,
    pressureSection(context),
    fileSystemSection(context),
    containerSection(context),
    loadProfileSection(context),
    sizingSection(context),
    checksSection(judgements),
    qualitySection(context, grade, notes),
    annexSection(context),
  ].filter((section) => section !== null);
  const anchors = new Set(sections.flatMap(figureIds));
  const verdict = verdictSection(context, judgements, {
    grade,
    name: machineName,
    absent: absent.map((name) => texts[name].noun),
    anchors,
  });
  const further = furtherFindingsSection(judgements, anchors);
  return {
    title: input.title,
    cover: cover(context, input),
    sections: [verdict, ...(further === null ? [] : [further]), ...sections],
    generator: input.generator,
    madeS: input.nowS,
    branding: input.branding,
  };
}

/** Charts that the evidence of findings points to, and the disks whose charts they are. */
function suspectsOf({ judgements, disks }: DocumentInput): Set<string> {
  const charts = listFindings(judgements).flatMap(({ finding }) =>
    evidenceShown(finding).flatMap(({ chartId }) => chartId ?? []),
  );
  const suspectDisks = disks.filter((disk) =>
    [chartIds.diskBusy, chartIds.diskQueue, chartIds.diskAwait, chartIds.diskRequests].some((id) =>
      charts.includes(id(disk)),
    ),
  );
  return new Set([...charts, ...suspectDisks]);
}

function figureIds({ blocks }: Section): string[] {
  return blocks.flatMap((block) => {
    if (block.kind === "row") return block.figures.map(({ id }) => id);
    return block.kind === "figure" ? [block.id] : [];
  });
}

function cover(context: Context, input: DocumentInput): Cover {
  const { dataset, zone } = context;
  const { machineName, title, grade, judgements, source, generator, nowS } = input;
  const { startS, endS, lengthS, intervalS, sampleCount, coverageRatio } = dataset.timing;
  const words = texts.cover;
  const samples = formatCount(sampleCount, "sample");
  const facts: (Fact | null)[] = [
    { label: words.window, value: formatRange(startS, endS) },
    zone === utc
      ? null
      : { label: words.windowIn(zone.name), value: formatLocalRange(startS, endS, zone) },
    { label: words.length, value: formatDuration(lengthS) },
    {
      label: words.samples,
      value: intervalS === null ? samples : words.every(samples, formatDuration(intervalS)),
    },
    { label: words.coverage, value: formatShare(coverageRatio) },
    machineName === dataset.machineId
      ? null
      : { label: words.machineId, value: [{ kind: "code", text: dataset.machineId }] },
    ...machineFacts(context, input.facts),
    { label: words.input, value: `${source.name}, ${formatValue(source.byteCount, "bytes")}` },
    { label: words.digest, value: [{ kind: "code", text: source.sha256 }] },
    {
      label: words.times,
      value: zone === utc ? "UTC" : words.timesIn(zone.name),
    },
    { label: words.made, value: words.madeBy(formatTime(nowS), generator) },
  ];
  return {
    heading: machineName,
    subheading: title,
    status: verdictStatus(judgements, grade),
    statusText: verdictSummary(judgements, grade),
    grade: grade.grade,
    gradeText: meaning[grade.grade],
    facts: facts.filter((fact) => fact !== null),
  };
}
