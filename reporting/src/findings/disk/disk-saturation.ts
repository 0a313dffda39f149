import { formatDuration, formatFixed, formatValue } from "../../format.ts";
import { percentiles } from "../../statistics/percentiles.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import {
  meanWithin,
  totalS,
  type Episode,
  type Minutes,
  type Span,
} from "../../statistics/episodes.ts";
import {
  allTooShort,
  defineCritical,
  describeEpisodes,
  describeStrictly,
  findStrictEpisodes,
  howOften,
  longestOf,
  severityOf,
  spanName,
  totalBeyondS,
  warningS,
} from "../duration.ts";
import {
  chartIds,
  type Evidence,
  type Finding,
  type Rule,
  type RuleContext,
  type Verdict,
} from "../finding.ts";
import { limits } from "../limits.ts";
import { isOutsideBusiness } from "../outside-business.ts";
import { minutesOf } from "../minutes-of.ts";
import { principalOf } from "../../statistics/devices.ts";
import { commonS, severityOrder, unite } from "../ranking.ts";

const busy = {
  direction: "above",
  enter: limits.diskBusyPercent,
  leave: 80,
  minimumS: warningS,
} as const;
const queue = {
  direction: "above",
  enter: limits.diskQueue,
  leave: 5,
  minimumS: warningS,
} as const;
/** By how much queue or await must exceed its own median before a busy disk counts as full. */
const growth = 2;
/** Requests outstanding; a smaller queue keeps nobody waiting for long, whatever it was before. */
const queueFloor = 1;
/** Requests that take less are served as they come, however many at once: NVMe drives have tens under way without anyone waiting. */
const leastMs = 1;
/** What a request takes at most on a rotating disk that serves one at a time: the measure of a disk that was never quiet. */
const usualMs = 20;
const longS = 1800;

export const diskSaturation: Rule = {
  id: "disk-saturation",
  title: "Disk saturation",
  definition:
    `A disk busy above ${busy.enter} % (until below ${busy.leave} %) while its queue or its await is at least ${growth} times its median ` +
    `of the quieter minutes (an await of ${growth * usualMs} ms where there are none) and the queue above ${queueFloor}, ` +
    `or a queue above ${queue.enter} requests (until below ${queue.leave}) that take ${leastMs} ms and more each, ` +
    `as means of a minute, for ${formatDuration(warningS)}; ${defineCritical(longS)}. A busy disk alone is no finding: many serve requests side by side.`,
  source:
    "PCP pmieconf: per_disk.average_queue_length, a disk above 95 % busy with a growing queue. node-mixin (Prometheus): NodeDiskIOSaturation, queue above 10 for 30 min. The factor, the time of a request, the 5 min of a warning and the leaving thresholds are our own.",
  essential: true,
  explains: ["cpu-iowait", "psi-io", "dirty-pages", "disk-slow", "small-random-io"],
  perDevice: ["disk-slow", "small-random-io"],
  minimumS: warningS,
  judge,
};

interface DiskState {
  device: string;
  busy: Minutes | null;
  queue: Minutes | null;
  await: Minutes | null;
}

function judge(dataset: Dataset, context: RuleContext): Verdict {
  const { disks, profile } = context;
  const states = disks.map((device) => stateOf(dataset, device));
  const known = states.filter(
    (state) => state.queue !== null || (state.busy !== null && state.await !== null),
  );
  if (known.length === 0) {
    return {
      outcome: "refused",
      reason:
        disks.length === 0
          ? "There is no disk in the data."
          : "No disk has a queue, or a busy share with an await: throughput alone does not tell how full a disk is.",
    };
  }
  const refusal = allTooShort(
    known.flatMap(({ queue: queued, busy: share }) => queued ?? share ?? []),
  );
  if (refusal !== null) return { outcome: "refused", reason: refusal };
  const findings = withoutLayers(
    known.flatMap((state) => findingOf(state) ?? []),
    disks,
  ).toSorted(
    (a, b) =>
      severityOrder.indexOf(a.finding.severity) - severityOrder.indexOf(b.finding.severity) ||
      b.lengthS - a.lengthS,
  );
  const [worst] = findings;
  if (worst === undefined) return clear(dataset, known);
  const evidence = findings.flatMap(({ finding }) => finding.evidence);
  return {
    outcome: "finding",
    finding: {
      ...worst.finding,
      evidence,
      advice: [
        ...(isOutsideBusiness(
          evidence.flatMap(({ ranges }) => ranges),
          context,
        )
          ? [
              `All of it was outside of business hours (${profile.hours.text}, ${profile.timeZone}): a backup or another job that nobody waits for may use a disk fully. Give it a lower weight (ionice -c3, io.weight), and see that it ends in time.`,
            ]
          : []),
        ...worst.finding.advice,
      ],
      devices: findings.map(({ device }) => device),
    },
  };
}

interface Found {
  device: string;
  finding: Finding;
  lengthS: number;
}

/** What a logical volume or an array waits for are mostly the disks below it: it is named where none of these is full for half of its time. */
function withoutLayers(found: readonly Found[], disks: readonly string[]): Found[] {
  const below = principalOf(disks);
  const spansOf = (some: readonly Found[]): Span[] =>
    unite(some.flatMap(({ finding }) => finding.evidence.flatMap(({ ranges }) => ranges)));
  const times = spansOf(found.filter(({ device }) => below.includes(device)));
  return found.filter((one) => {
    const own = spansOf([one]);
    return below.includes(one.device) || commonS(times, own) < totalS(own) / 2;
  });
}

function stateOf(dataset: Dataset, device: string): DiskState {
  const minutes = (field: string): Minutes | null => minutesOf(dataset, `disk_${device}_${field}`);
  return { device, busy: minutes("busy"), queue: minutes("queue"), await: minutes("await_ms") };
}

function findingOf(state: DiskState): Found | null {
  const queued = queuedEpisodes(state);
  const full = fullEpisodes(state);
  if (queued.length === 0 && full.length === 0) return null;
  const longer = totalBeyondS(queued) > totalBeyondS(full) ? queued : full;
  const window = (state.queue ?? state.busy)?.window ?? { startS: NaN, endS: NaN };
  const severities = [queued, full].map((episodes) => severityOf(episodes, window, longS));
  return {
    device: state.device,
    lengthS: totalBeyondS(longer),
    finding: {
      severity: severities.includes("critical") ? "critical" : "warning",
      confidence: queued.length > 0 && full.length > 0 ? "high" : "medium",
      title: `Disk ${state.device} was saturated${howOften(longer, window)}`,
      sentence: `Disk ${state.device} could not keep up ${describeEpisodes(longer)}; programs that read or wrote then waited for it.`,
      evidence: [
        ...(full.length > 0 ? [fullEvidence(state, full)] : []),
        ...(queued.length > 0 ? [queueEvidence(state, queued)] : []),
      ],
      advice: [
        `Find who reads or writes ${state.device} in these periods: iotop -ao, pidstat -d 5, or the io.stat of each cgroup.`,
        "See whether it is reading that memory could spare (page cache too small) or writing that could be spread (backups, log flushes, checkpoints).",
        "On a cloud volume compare throughput and requests with what was bought; raise the volume's limits or move the load to a faster disk.",
      ],
    },
  };
}

/** Periods of a long queue; not of requests that are served at once. Where none was served at all, nobody knows their time, and the queue counts. */
function queuedEpisodes({ queue: queueMinutes, await: awaitMinutes }: DiskState): Episode[] {
  if (queueMinutes === null) return [];
  const means = queueMinutes.means.map((requests, minute) =>
    (awaitMinutes?.means[minute] ?? NaN) < leastMs ? 0 : requests,
  );
  return findStrictEpisodes({ ...queueMinutes, means }, queue);
}

/** Periods of a busy disk in which requests also took longer, or queued, beyond what the disk is used to. */
function fullEpisodes(state: DiskState): Episode[] {
  const { busy: busyMinutes } = state;
  if (busyMinutes === null) return [];
  return findStrictEpisodes(busyMinutes, busy).filter((episode) => {
    const queueMean = meanWithin(state.queue, episode);
    if (queueMean <= queueFloor) return false;
    const quietMs = quietMedian(state.await, busyMinutes);
    return (
      queueMean >= growth * quietMedian(state.queue, busyMinutes) ||
      meanWithin(state.await, episode) >= growth * (Number.isNaN(quietMs) ? usualMs : quietMs)
    );
  });
}

/** Median of the minutes in which the disk was not busy: what it is like without saturation. NaN where it always was. */
function quietMedian(minutes: Minutes | null, busyMinutes: Minutes): number {
  if (minutes === null) return NaN;
  const quiet = minutes.means.map((mean, index) =>
    (busyMinutes.means[index] ?? NaN) < busy.leave ? mean : NaN,
  );
  return percentiles(quiet, [0.5])[0] ?? NaN;
}

function fullEvidence(state: DiskState, episodes: Episode[]): Evidence {
  const worst = Math.max(...episodes.map((episode) => episode.worst));
  const longest = longestOf(episodes);
  const queueMean = meanWithin(state.queue, longest);
  const awaitMean = meanWithin(state.await, longest);
  const companions = [
    ...(Number.isNaN(queueMean) ? [] : [`queue ${formatFixed(queueMean, 1)}`]),
    ...(Number.isNaN(awaitMean) ? [] : [`await ${formatValue(awaitMean, "ms")}`]),
  ];
  return {
    sentence: `${state.device}: busy above ${busy.enter} % ${describeStrictly(episodes, `below ${busy.leave} %`)}, up to ${formatValue(worst, "percent")}; in the longest period ${companions.join(" and ")}.`,
    threshold: `${busy.enter} % for ${formatDuration(warningS)} with queue or await at ${growth} times its median`,
    ranges: episodes,
    chartId: chartIds.diskBusy(state.device),
  };
}

function queueEvidence(state: DiskState, episodes: Episode[]): Evidence {
  const worst = Math.max(...episodes.map((episode) => episode.worst));
  const awaitMean = meanWithin(state.await, longestOf(episodes));
  const time = Number.isNaN(awaitMean)
    ? ""
    : `, in the longest period ${formatValue(awaitMean, "ms")} a request`;
  const span = state.queue === null ? "minute" : spanName(state.queue);
  return {
    sentence: `${state.device}: queue above ${queue.enter} requests ${describeStrictly(episodes, `below ${queue.leave}`)}; the worst ${span} ${formatFixed(worst, 1)}${time}.`,
    threshold: `${queue.enter} requests of ${leastMs} ms for ${formatDuration(warningS)}`,
    ranges: episodes,
    chartId: chartIds.diskQueue(state.device),
  };
}

function clear(dataset: Dataset, known: DiskState[]): Verdict {
  const figures = known.map(({ device }) => {
    const busyShare = dataset.measure(`disk_${device}_busy`);
    const outstanding = dataset.measure(`disk_${device}_queue`);
    const parts = [
      ...(busyShare === null
        ? []
        : [`busy ${formatValue(dataset.summary(busyShare).p95, "percent")}`]),
      ...(outstanding === null
        ? []
        : [`queue ${formatFixed(dataset.summary(outstanding).p95, 1)}`]),
    ];
    return `${device} ${parts.join(", ")}`;
  });
  const shown = figures.slice(0, 3).join("; ");
  const rest = figures.length > 3 ? ` and ${figures.length - 3} more disks below their limits` : "";
  const complete = known.every((state) => state.busy !== null && state.queue !== null);
  return {
    outcome: "clear",
    sentence: `At the 95th percentile: ${shown}${rest} (limits ${busy.enter} % with a growing queue, ${queue.enter} requests, for ${formatDuration(warningS)}).`,
    confidence: complete ? "high" : "medium",
  };
}
