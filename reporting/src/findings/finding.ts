import type { LineSpeeds } from "../capacity/line-speeds.ts";
import type { LoadProfile } from "../capacity/load-profile.ts";
import type { DataGrade } from "../validation/grade-data.ts";
import type { Dataset } from "../statistics/dataset.ts";

/**
 * critical: users feel it now. warning: it will be felt, or was for a short time. notice: nothing is wrong, but there is
 * something to gain or to know, such as an oversized machine.
 */
export type Severity = "critical" | "warning" | "notice";
export type Confidence = "high" | "medium" | "low";

interface TimeRange {
  /** Unix seconds; the end is exclusive. */
  startS: number;
  endS: number;
}

/** One observation that carries a conclusion. */
export interface Evidence {
  /** What was measured, and its numbers. */
  sentence: string;
  /** With what it was compared. */
  threshold: string;
  /** When it held; empty where it is a statement about the whole window. */
  ranges: TimeRange[];
  /** Id of the chart that shows it, or null where none does. */
  chartId: string | null;
}

export interface Finding {
  severity: Severity;
  confidence: Confidence;
  title: string;
  /** The conclusion, for someone who knows no metric by name. */
  sentence: string;
  evidence: Evidence[];
  /** What to do next, the likeliest first. */
  advice: string[];
  /** Ids of rules that its own rule `explains`, but not this time. */
  unexplained?: readonly string[];
  /** Ids of rules that its own rule `contradicts`, but not this time. */
  compatible?: readonly string[];
  /** Disks, interfaces, mounts or containers of which it speaks; none where it is the machine as a whole. */
  devices?: readonly string[];
  /** What its severity would be, had the state lasted long enough at a stretch; it is then a notice. */
  cutShort?: Severity;
}

/** What a rule says about a capture: it fires, finds nothing, or cannot tell – each with its reasons. */
export type Verdict =
  | { outcome: "finding"; finding: Finding }
  | { outcome: "clear"; sentence: string; confidence: Confidence }
  | { outcome: "refused"; reason: string };

export interface Rule {
  /** Stable, for example `cpu-saturation`. */
  id: string;
  title: string;
  /** When it fires, with every threshold and duration. */
  definition: string;
  /** Where the thresholds come from. */
  source: string;
  /**
   * Ids of rules whose findings are consequences of this one's where both hold at the same time: they are then told as
   * such, not as findings of their own.
   */
  explains?: readonly string[];
  /** Those of `explains` that are consequences only where they speak of no device of which this one's finding does not. */
  perDevice?: readonly string[];
  /** Ids of rules whose findings this one's contradict, whatever their times: they are then not stated. */
  contradicts?: readonly string[];
  /** Whether nobody can say that nothing is wrong where it could not judge. */
  essential?: boolean;
  /** Whether it speaks of the data rather than of the machine: the data's grade does not make it less sure. */
  aboutData?: boolean;
  /** Seconds for which a state must last, where it is states that it judges: shorter ones are told where they may be no bursts. */
  minimumS?: number;
  judge(dataset: Dataset, context: RuleContext): Verdict;
}

/** What rules know beside the measures: the names of each kind of device, the first of them shown first, and the data's worth. */
export interface RuleContext extends LineSpeeds {
  disks: readonly string[];
  interfaces: readonly string[];
  mounts: readonly string[];
  containers: readonly string[];
  grade: DataGrade;
  /** Online CPUs; null where neither the columns nor the machine's facts tell. */
  cpuCount: number | null;
  profile: LoadProfile;
}

/** Ids of the charts that evidence points to. */
export const chartIds = {
  cpuBusy: "chart-cpu-busy",
  cpuModes: "chart-cpu-modes",
  cpuPerCpu: "chart-cpu-strips",
  runQueue: "chart-run-queue",
  load: "chart-load",
  pressure: "chart-pressure",
  memoryAvailable: "chart-memory-available",
  swapping: "chart-swapping",
  majorFaults: "chart-major-faults",
  diskBusy: (device: string) => `chart-disk-busy-${idPart(device)}`,
  diskQueue: (device: string) => `chart-disk-queue-${idPart(device)}`,
  diskAwait: (device: string) => `chart-disk-await-${idPart(device)}`,
  diskRequests: (device: string) => `chart-disk-requests-${idPart(device)}`,
  interfaceBytes: (name: string) => `chart-net-bytes-${idPart(name)}`,
  interfaceErrors: (name: string) => `chart-net-errors-${idPart(name)}`,
  interfaceDrops: (name: string) => `chart-net-drops-${idPart(name)}`,
  tcpRetransmits: "chart-tcp-retransmits",
  listenDrops: "chart-tcp-listen-drops",
  sockets: "chart-tcp-sockets",
  fileSystem: (mount: string) => `chart-fs-${idPart(mount)}`,
  inodes: (mount: string) => `chart-fs-inodes-${idPart(mount)}`,
  containerCpu: (name: string) => `chart-container-cpu-${idPart(name)}`,
  containerThrottled: (name: string) => `chart-container-throttled-${idPart(name)}`,
  containerMemory: (name: string) => `chart-container-memory-${idPart(name)}`,
} as const;

/** Device names may hold characters that an id, and a link to it, may not: they are written as their code point. */
export function idPart(device: string): string {
  return device.replace(/[^a-zA-Z0-9-]/gu, (character) => `_${character.codePointAt(0) ?? 0}_`);
}
