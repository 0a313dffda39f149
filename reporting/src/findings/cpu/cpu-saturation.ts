import { formatCount, formatDuration, formatFixed, formatValue } from "../../format.ts";
import type { Dataset, Measure } from "../../statistics/dataset.ts";
import { findEpisodes, meanDuring, type Episode, type Minutes } from "../../statistics/episodes.ts";
import {
  defineCritical,
  describeStrictly,
  severityOf,
  spanName,
  tooShort,
  warningS,
} from "../duration.ts";
import { chartIds, type Evidence, type Rule, type RuleContext, type Verdict } from "../finding.ts";
import { limits } from "../limits.ts";
import { minutesOf } from "../minutes-of.ts";
import { findStates, stateEvidence, type State } from "../threshold-rule.ts";
import { kernelMinutes, userMinutes } from "./cpu-time.ts";
import { counting, runQueueMinutes } from "./run-queue.ts";
import { theCpus } from "./the-cpus.ts";
import { unhurried, waitingDuring } from "./waiting.ts";

const busy = {
  direction: "above",
  enter: limits.cpuBusyPercent,
  leave: 80,
  unit: "percent",
  minimumS: warningS,
} as const;
/** Runnable tasks for each CPU, beside the one that counts them. */
const queue = { enter: limits.tasksPerCpu, leave: 1.5 };
/** Percent. A queue beside idle CPUs is tasks that came and went at the moment of the sample. */
const busyWithQueue = 70;
export const cpuSaturation: Rule = {
  id: "cpu-saturation",
  title: "CPU saturation",
  definition:
    `CPU busy above ${busy.enter} % (until below ${busy.leave} %), or more than ${queue.enter} runnable tasks a CPU, the collector aside ` +
    `(until below ${queue.leave}), on CPUs that are busy above ${busyWithQueue} %, as means of a minute, for ${formatDuration(warningS)}; ${defineCritical()}. ` +
    `Busy CPUs for which hardly anybody waits (pressure below ${unhurried.waiting} %; where that is not known, at most ${unhurried.ready} runnable task a CPU) are a notice however long.`,
  source:
    "node-mixin (Prometheus): NodeCPUHighUsage, 90 % for 15 min, an info; NodeSystemSaturation, load above 2 a core for 15 min, a warning. Brendan Gregg's USE method: saturation is the work that waits, not the share in use. The 5 min of a warning, the busy share beside a queue, when hardly anybody waits, and the leaving thresholds are our own.",
  essential: true,
  explains: ["load-high", "psi-cpu", "cpu-imbalance", "cpu-undersized", "listen-drops"],
  contradicts: ["cpu-oversized"],
  minimumS: warningS,
  judge,
};

function judge(dataset: Dataset, { cpuCount }: RuleContext): Verdict {
  const cpuBusy = dataset.measure("cpu_busy");
  if (cpuBusy === null) return { outcome: "refused", reason: "cpu_idle has no values." };
  const refusal = tooShort(dataset.minutes(cpuBusy));
  if (refusal !== null) return { outcome: "refused", reason: refusal };
  const minutes = dataset.minutes(cpuBusy);
  const [isBusy] = findStates(
    [{ label: "CPU busy", minutes, chartId: chartIds.cpuBusy, device: null }],
    busy,
  );
  const run = runQueue(dataset, { cpuBusy, cpuCount });
  const queues = run?.state;
  const states = [isBusy, queues].filter((state) => state !== undefined);
  const [worst] = states;
  if (worst === undefined) return clear(dataset, cpuBusy, run);
  const severities = states.map(({ episodes }) => severityOf(episodes, minutes.window));
  const wait = isBusy === undefined ? null : waitingDuring(dataset, isBusy.episodes, cpuCount);
  const isUnhurried = queues === undefined && wait?.isShort === true;
  return {
    outcome: "finding",
    finding: {
      severity: isUnhurried ? "notice" : severities.includes("critical") ? "critical" : "warning",
      // The time worked and who waited for it point the same way, or one of them was not there to contradict.
      confidence: states.length === 2 || wait !== null ? "high" : "medium",
      ...describe(isBusy ?? null, { worst, isUnhurried, cpuCount }),
      // What waits does so for something else.
      ...(isUnhurried ? { unexplained: ["load-high", "psi-cpu", "listen-drops"] } : {}),
      evidence: [
        ...(isBusy === undefined ? [] : [stateEvidence(isBusy, busy)]),
        ...(run === null || queues === undefined ? [] : [queueEvidence(queues, run.cpuCount)]),
        ...(wait === null || queues !== undefined ? [] : [wait.evidence]),
      ],
      advice: advise(
        dataset,
        states.flatMap(({ episodes }) => episodes),
      ),
    },
  };
}

function describe(
  isBusy: State | null,
  { worst, isUnhurried, cpuCount }: { worst: State; isUnhurried: boolean; cpuCount: number | null },
): { title: string; sentence: string } {
  if (isBusy === null) {
    return {
      title: `Tasks queued for ${theCpus(cpuCount)}${worst.often}`,
      sentence: `More tasks wanted to run than ${cpuCount === 1 ? "the CPU can serve" : "there are CPUs"} ${worst.when}; they waited for their turn.`,
    };
  }
  const were = cpuCount === 1 ? "CPU was" : "CPUs were";
  const spare = `The machine had hardly any CPU time to spare ${isBusy.when}`;
  return isUnhurried
    ? {
        title: `The ${were} nearly fully in use${isBusy.often}`,
        sentence: `${spare}; hardly anything had to wait for it, but more work would have.`,
      }
    : {
        title: `The ${were} saturated${isBusy.often}`,
        sentence: `${spare}; whatever ran then was slowed down.`,
      };
}

interface RunQueue {
  label: string;
  /** At the 95th percentile of the samples. */
  usual: number;
  cpuCount: number;
  /** Where it was too long for long enough. */
  state: State | undefined;
}

/** Null where the number of CPUs, or who wants to run on them, is not known. */
function runQueue(
  dataset: Dataset,
  { cpuBusy, cpuCount }: { cpuBusy: Measure; cpuCount: number | null },
): RunQueue | null {
  const counted = countedTasks(dataset);
  if (cpuCount === null || counted === null) return null;
  const { minutes, ...description } = counted;
  const busyMinutes = dataset.minutes(cpuBusy).means;
  const queued = minutes.means.map((mean, minute) =>
    (busyMinutes[minute] ?? NaN) >= busyWithQueue ? mean : 0,
  );
  const [state] = findStates(
    [
      {
        label: description.label,
        minutes: { ...minutes, means: queued },
        chartId: chartIds.runQueue,
        device: null,
      },
    ],
    {
      direction: "above",
      enter: queue.enter * cpuCount,
      leave: queue.leave * cpuCount,
      minimumS: warningS,
    },
  );
  return { ...description, cpuCount, state };
}

/** The load, which also counts tasks that wait for disks, where nobody counted those that run. */
function countedTasks(
  dataset: Dataset,
): (Pick<RunQueue, "label" | "usual"> & { minutes: Minutes }) | null {
  const [running, load] = [dataset.measure("procs_running"), dataset.measure("load1")];
  const minutes = runQueueMinutes(dataset);
  if (running !== null && minutes !== null) {
    const usual = Math.max(0, dataset.summary(running).p95 - counting);
    return { label: `${running.label} beside the collector`, usual, minutes };
  }
  if (load === null) return null;
  return { label: load.label, usual: dataset.summary(load).p95, minutes: dataset.minutes(load) };
}

function queueEvidence({ signal, episodes, worst }: State, cpuCount: number): Evidence {
  return {
    sentence: `${signal.label} above ${queue.enter * cpuCount} on ${formatCount(cpuCount, "CPU")} ${describeStrictly(episodes, `below ${queue.leave * cpuCount}`)}; the worst ${spanName(signal.minutes)} ${formatFixed(worst, 1)}.`,
    threshold: `${queue.enter} a CPU, that is ${queue.enter * cpuCount}, for ${formatDuration(warningS)}`,
    ranges: episodes,
    chartId: signal.chartId,
  };
}

/** What most of the busy time was spent on decides what to look at first. */
function advise(dataset: Dataset, episodes: Episode[]): string[] {
  const [user, system] = [userMinutes(dataset), kernelMinutes(dataset)].map((minutes) =>
    meanDuring(minutes, episodes),
  );
  const steal = meanDuring(minutesOf(dataset, "cpu_steal"), episodes);
  const first =
    steal >= 5
      ? `The hypervisor withheld ${formatValue(steal, "percent")} of the time: ask the provider, or move to an instance type with dedicated CPUs.`
      : (system ?? NaN) > (user ?? NaN)
        ? "More time goes to the kernel than to programs: look for system calls, context switches and network interrupts (perf top, /proc/interrupts)."
        : "Most time goes to programs: find which with pidstat 5 or top, and profile it with perf record -g.";
  return [
    first,
    "Move batch work out of the periods named above, or lower its priority (nice, cpu.weight).",
    "If the load is legitimate and lasting, add CPUs.",
  ];
}

function clear(dataset: Dataset, cpuBusy: Measure, run: RunQueue | null): Verdict {
  const { mean, p95, max } = dataset.summary(cpuBusy);
  const figures = `CPU busy ${formatValue(mean, "percent")} on average, ${formatValue(p95, "percent")} at the 95th percentile, ${formatValue(max, "percent")} at most${shortly(dataset.minutes(cpuBusy))} (limit ${busy.enter} % for ${formatDuration(warningS)})`;
  if (run === null) {
    return {
      outcome: "clear",
      sentence: `${figures}. The run queue could not be judged: the number of CPUs or of runnable tasks is not in the data.`,
      confidence: "medium",
    };
  }
  return {
    outcome: "clear",
    sentence: `${figures}; ${run.label.toLowerCase()} ${formatFixed(run.usual, 1)} at the 95th percentile on ${formatCount(run.cpuCount, "CPU")} (limit ${queue.enter * run.cpuCount}, while CPU busy is above ${busyWithQueue} %).`,
    confidence: "high",
  };
}

/** ", above 90 % for 4 min at a stretch": of a short capture that may be most. */
function shortly(minutes: Minutes): string {
  const stretches = findEpisodes(minutes, { ...busy, minimumS: 0 });
  if (stretches.length === 0) return "";
  const longestS = Math.max(...stretches.map(({ beyondS }) => beyondS));
  return `, above ${busy.enter} % for ${formatDuration(longestS)} at a stretch`;
}
