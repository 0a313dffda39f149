import { formatCount, formatDuration, formatRange } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import type { Rule, Verdict } from "../finding.ts";
import { killEvidence, machineKills } from "../kills.ts";

export const oomKills: Rule = {
  id: "oom-kills",
  title: "Processes killed for want of memory",
  definition:
    "The kernel killed a process for want of memory, of the machine or of a container's limit: 1 is enough, and critical.",
  source: "Netdata: oom_kill, above 0. PCP pmieconf: memory.oom_kill.",
  contradicts: ["memory-oversized"],
  judge,
};

function judge(dataset: Dataset): Verdict {
  const times = machineKills(dataset);
  if (times === null) {
    return {
      outcome: "refused",
      reason: "vm_oom_kills has no values: the kernel is older than 4.13, or nobody recorded it.",
    };
  }
  const [first] = times;
  if (first === undefined) {
    const length = formatDuration(dataset.timing.lengthS);
    return {
      outcome: "clear",
      sentence: `No process was killed for want of memory in ${length} (limit none).`,
      confidence: "high",
    };
  }
  const count = times.reduce((sum, time) => sum + time.count, 0);
  return {
    outcome: "finding",
    finding: {
      severity: "critical",
      confidence: "high",
      title: "Programs were killed for want of memory",
      sentence: `The operating system ended ${formatCount(count, "program")} by force because memory had run out, ${times.length === 1 ? "" : "the first time "}at ${formatRange(first.startS, first.endS)}; whatever ${count === 1 ? "it" : "they"} did then was lost.`,
      evidence: [killEvidence(times)],
      advice: [
        "See who was killed, and by whose limit: journalctl -k -g 'Out of memory|oom-kill' (a line with constraint=CONSTRAINT_MEMCG names a container or service at its own limit).",
        "At its own limit: raise memory.max (MemoryMax= of a unit, the container's memory limit), or make the program smaller.",
        "The machine as a whole: find what grew before it happened, limit it, or add memory.",
      ],
    },
  };
}
