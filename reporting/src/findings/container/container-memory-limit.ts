import { formatValue } from "../../format.ts";
import type { Dataset, Measure } from "../../statistics/dataset.ts";
import { combineMinutes } from "../../statistics/episodes.ts";
import { warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { thresholdRule, type Signal } from "../threshold-rule.ts";

/** Netdata's limit of its critical alarm. */
const criticalPercent = 98;

export const containerMemoryLimit = thresholdRule({
  id: "container-memory-limit",
  title: "Containers at their memory limit",
  quantity: `Memory of a container without its page cache, of its limit (critical ${criticalPercent} %),`,
  limit: { direction: "above", enter: 90, leave: 80, unit: "percent", minimumS: warningS },
  criticalS: null,
  confidence: "high",
  source:
    "Netdata: cgroup_ram_in_use, 90 % of the limit until 80 %, critical 98 %. That page cache does not count, and the 5 min, are our own.",
  explains: ["psi-memory", "major-faults"],
  missing: ({ containers }) =>
    containers.length === 0
      ? "There is no container in the data."
      : "No container has both a memory limit and its memory without page cache in the data.",
  signals: (dataset, { containers }) => containers.flatMap((name) => signal(dataset, name)),
  conclude: ({ signal: { device, label }, when }, states, dataset) => {
    const name = device ?? label;
    const limit = dataset.measure(`container_${name}_memory_limit_bytes`);
    const size =
      limit === null
        ? "its limit"
        : `its limit of ${formatValue(dataset.summary(limit).max, "bytes")}`;
    return {
      title: `Container ${name} is near its memory limit`,
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

/** Anonymous memory; where that is not known, all of its memory less the cache. */
function signal(dataset: Dataset, name: string): Signal[] {
  const of = (field: string): Measure | null => dataset.measure(`container_${name}_${field}`);
  const limit = of("memory_limit_bytes");
  const anonymous = of("memory_anonymous_bytes");
  const [whole, cache] = [of("memory_bytes"), of("memory_file_bytes")];
  const used =
    anonymous !== null
      ? dataset.minutes(anonymous)
      : whole !== null && cache !== null
        ? combineMinutes(dataset.minutes(whole), dataset.minutes(cache), (all, file) =>
            Math.max(0, all - file),
          )
        : null;
  if (limit === null || used === null) return [];
  return [
    {
      label: `${name}: memory of its limit`,
      minutes: combineMinutes(used, dataset.minutes(limit), (bytes, most) =>
        most > 0 ? (100 * bytes) / most : NaN,
      ),
      chartId: chartIds.containerMemory(name),
      device: name,
    },
  ];
}
