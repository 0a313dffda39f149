import { formatCount, formatDuration, formatShare, formatValue } from "../../format.ts";
import type { Dataset, Measure } from "../../statistics/dataset.ts";
import { tooShort, warningS } from "../duration.ts";
import { chartIds, type Rule, type RuleContext, type Verdict } from "../finding.ts";
import { findStates, stateEvidence } from "../threshold-rule.ts";

/** Share of all bytes of like disks, over the whole capture, that one must carry. */
const carriedRatio = 0.8;
/** Two disks are often one for the system and one for the data. */
const leastDisks = 3;
const limit = {
  direction: "above",
  enter: 60,
  leave: 40,
  unit: "percent",
  minimumS: warningS,
} as const;

export const diskImbalance: Rule = {
  id: "disk-imbalance",
  title: "Balance of disks",
  definition:
    `One of ${leastDisks} or more like disks (by their names) moves ${100 * carriedRatio} % of their bytes, and is busy above ${limit.enter} % ` +
    `(until below ${limit.leave} %), as means of a minute, for ${formatDuration(warningS)}; a notice.`,
  source: "Our own; no public rule compares disks with one another.",
  minimumS: limit.minimumS,
  judge,
};

interface Group {
  /** The disk that moved the most. */
  busiest: string;
  busy: Measure;
  /** Its share of the group's bytes, 0–1. */
  share: number;
  count: number;
}

function judge(dataset: Dataset, { disks }: RuleContext): Verdict {
  const groups = likeDisks(disks).flatMap((names) => groupOf(dataset, names));
  const [first] = groups;
  if (first === undefined) {
    return {
      outcome: "refused",
      reason:
        disks.length === 0
          ? "There is no disk in the data."
          : `There are no ${leastDisks} disks of one kind that moved anything and have a busy share: nothing to balance.`,
    };
  }
  const refusal = tooShort(dataset.minutes(first.busy));
  if (refusal !== null) return { outcome: "refused", reason: refusal };
  for (const group of groups.filter(({ share }) => share >= carriedRatio)) {
    const { busiest, busy, share, count } = group;
    const chartId = chartIds.diskBusy(busiest);
    const label = `${busiest}: busy`;
    const [state] = findStates(
      [{ label, minutes: dataset.minutes(busy), chartId, device: busiest }],
      limit,
    );
    if (state === undefined) continue;
    return {
      outcome: "finding",
      finding: {
        severity: "notice",
        confidence: "medium",
        title: `Disk ${busiest} carried the load of ${count} disks`,
        sentence: `Disk ${busiest} was busy ${state.when} while ${formatCount(count - 1, "like disk")} had little to do: spread over them, the same work would be done sooner.`,
        evidence: [
          stateEvidence(state, limit),
          {
            sentence: `${busiest} moved ${formatShare(share)} of the bytes of ${formatCount(count, "like disk")}.`,
            threshold: formatShare(carriedRatio),
            ranges: [],
            chartId: null,
          },
        ],
        advice: [
          `See what lies on ${busiest} (lsblk, df) and whether it belongs there: one busy database, or all that nobody gave a place.`,
          "Move the busiest files, or stripe the disks (LVM, RAID 0 or 10) where all of them serve one purpose.",
          "Where the others are spares, this is as it should be.",
        ],
      },
    };
  }
  return {
    outcome: "clear",
    sentence: `Of ${formatCount(first.count, "like disk")} ${first.busiest} moved the most, ${formatShare(first.share)} of the bytes, and was busy ${formatValue(dataset.summary(first.busy).p95, "percent")} at the 95th percentile (limits ${formatShare(carriedRatio)} while busy above ${limit.enter} %).`,
    confidence: "high",
  };
}

/** Disks of one driver: "sda" and "sdb", "nvme0n1" and "nvme1n1". Layers upon other disks belong to none. */
function likeDisks(disks: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const disk of disks) {
    const kind = /^(nvme|sd|vd|xvd|hd)/.exec(disk)?.[1];
    if (kind !== undefined) groups.set(kind, [...(groups.get(kind) ?? []), disk]);
  }
  return [...groups.values()].filter((group) => group.length >= leastDisks);
}

/** None where nothing was moved, or the busiest has no busy share. */
function groupOf(dataset: Dataset, disks: readonly string[]): Group[] {
  const moved = disks.map((disk) => ({ disk, bytes: bytesOf(dataset, disk) }));
  const total = moved.reduce((sum, { bytes }) => sum + bytes, 0);
  const [most] = moved.toSorted((a, b) => b.bytes - a.bytes);
  if (most === undefined || !(total > 0)) return [];
  const busy = dataset.measure(`disk_${most.disk}_busy`);
  if (busy === null) return [];
  return [{ busiest: most.disk, busy, share: most.bytes / total, count: disks.length }];
}

/** Bytes a second, both directions, on average. */
function bytesOf(dataset: Dataset, disk: string): number {
  return ["read_bytes", "write_bytes"].reduce((sum, field) => {
    const measure = dataset.measure(`disk_${disk}_${field}`);
    return measure === null ? sum : sum + dataset.summary(measure).mean;
  }, 0);
}
