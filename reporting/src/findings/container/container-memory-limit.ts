import { formatValue } from "../../format.ts";
import { thresholdRule } from "../threshold-rule.ts";
import { memoryLimit, memoryOfLimit } from "./memory-of-limit.ts";

/** Netdata's limit of its critical alarm. */
const criticalPercent = 98;

export const containerMemoryLimit = thresholdRule({
  id: "container-memory-limit",
  title: "Containers at their memory limit",
  quantity: `Memory of a container without its page cache, of its limit (critical ${criticalPercent} %),`,
  limit: memoryLimit,
  criticalS: null,
  confidence: "high",
  source:
    "Netdata: cgroup_ram_in_use, 90 % of the limit until 80 %, critical 98 %. That page cache does not count, and the 5 min, are our own.",
  explains: ["psi-memory", "major-faults"],
  missing: ({ containers }) =>
    containers.length === 0
      ? "There is no container in the data."
      : "No container has both a memory limit and its memory without page cache in the data.",
  signals: (dataset, { containers }) => containers.flatMap((name) => memoryOfLimit(dataset, name)),
  conclude: ({ signal: { device, label }, when, often }, states, dataset) => {
    const name = device ?? label;
    const limit = dataset.measure(`container_${name}_memory_limit_bytes`);
    const size =
      limit === null
        ? "its limit"
        : `its limit of ${formatValue(dataset.summary(limit).max, "bytes")}`;
    return {
      title: `Container ${name} was near its memory limit${often}`,
      sentence: `Container ${name} needed nearly all of ${size} ${when}; at the limit the kernel ends a process in it.`,
      ...(states.some(({ worst }) => worst > criticalPercent) ? { severity: "critical" } : {}),
      advice: [
        `See whether its memory levels off or grows without end (a leak): the chart of ${name} over days.`,
        "Fit heap and caches of the program to the limit (-XX:MaxRAMPercentage, GOMEMLIMIT), a quarter below it.",
        "If it needs what it takes, raise the limit.",
      ],
    };
  },
});
