import { formatCount, formatValue } from "../../format.ts";
import type { Dataset, Measure } from "../../statistics/dataset.ts";
import { chartIds, type Evidence, type Rule, type RuleContext, type Verdict } from "../finding.ts";
import { killTimes, type KillTime } from "../kills.ts";
import { findStates, stateEvidence } from "../threshold-rule.ts";
import { memoryLimit, memoryOfLimit } from "./memory-of-limit.ts";

/** Percent of the machine's memory: with less available, the machine was short, not the container. */
const scarcePercent = 5;

export const containerOom: Rule = {
  id: "container-oom",
  title: "Processes killed in containers",
  definition: `The kernel killed a process in a container while more than ${scarcePercent} % of the machine's memory was available: the container's own limit was used up. Critical at once.`,
  source: "Our own: a killed process is the end of what the limit is for.",
  explains: ["oom-kills", "container-memory-limit"],
  perDevice: ["container-memory-limit"],
  judge,
};

interface Kills {
  container: string;
  count: number;
  /** At least one. */
  times: KillTime[];
}

function judge(dataset: Dataset, { containers }: RuleContext): Verdict {
  const known = containers.flatMap((container) => {
    const measure = dataset.measure(`container_${container}_oom_kills`);
    return measure === null ? [] : [{ container, measure }];
  });
  if (known.length === 0) {
    return {
      outcome: "refused",
      reason:
        containers.length === 0
          ? "There is no container in the data."
          : "No container has its killed processes in the data.",
    };
  }
  const killed = known
    .flatMap(({ container, measure }) => killsOf(dataset, container, measure))
    .toSorted((a, b) => b.count - a.count);
  const [first] = killed;
  if (first === undefined) {
    return {
      outcome: "clear",
      sentence: `No process was killed at the memory limit of ${known.length === 1 ? "the container" : `any of ${formatCount(known.length, "container")}`}.`,
      confidence: "high",
    };
  }
  const total = killed.reduce((sum, { count }) => sum + count, 0);
  return {
    outcome: "finding",
    finding: {
      severity: "critical",
      confidence: "high",
      title: `Container ${first.container} ran out of its memory`,
      sentence: `The kernel ended ${formatCount(total, "process", "processes")} in ${killed.length === 1 ? `container ${first.container}` : formatCount(killed.length, "container")}, since the memory limit there was used up; the machine itself had memory to spare.`,
      evidence: killed.flatMap((one) => evidenceOf(dataset, one)),
      devices: killed.map(({ container }) => container),
      advice: [
        `Look at what ${first.container} did at these times: its log ends there, the kernel's log names the process.`,
        "Fit heap and caches of the program to the limit (-XX:MaxRAMPercentage, GOMEMLIMIT), or raise the limit.",
        "If its memory grows from start to kill, it leaks: a higher limit only makes it last longer.",
      ],
    },
  };
}

function killsOf(dataset: Dataset, container: string, measure: Measure): Kills[] {
  const times = killTimes(dataset, measure);
  if (times.length === 0) return [];
  const available = dataset.measure("mem_available_percent")?.values;
  const own = times.filter(({ row }) => !((available?.[row] ?? NaN) <= scarcePercent));
  const count = own.reduce((sum, time) => sum + time.count, 0);
  return count === 0 ? [] : [{ container, count, times: own }];
}

/** The kills, and the time that the container was near its limit, which is the same story. */
function evidenceOf(dataset: Dataset, { container, count, times }: Kills): Evidence[] {
  const limit = dataset.measure(`container_${container}_memory_limit_bytes`);
  const near = findStates(memoryOfLimit(dataset, container), memoryLimit);
  return [
    {
      sentence: `${container}: ${formatCount(count, "process", "processes")} killed${limit === null ? "" : ` at a limit of ${formatValue(dataset.summary(limit).max, "bytes")}`}.`,
      threshold: "none at all",
      ranges: times.map(({ startS, endS }) => ({ startS, endS })),
      chartId: chartIds.containerMemory(container),
    },
    ...near.map((state) => stateEvidence(state, memoryLimit)),
  ];
}
