import type { Dataset, Measure } from "../../statistics/dataset.ts";
import { combineMinutes } from "../../statistics/episodes.ts";
import { warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import type { Limit, Signal } from "../threshold-rule.ts";

/** From here on a container is near its memory limit: Netdata's cgroup_ram_in_use, 90 % until 80 %. */
export const memoryLimit: Limit = {
  direction: "above",
  enter: 90,
  leave: 80,
  unit: "percent",
  minimumS: warningS,
};

/** Percent of its limit that a container uses: its anonymous memory; where that is not known, all of its memory less the cache. */
export function memoryOfLimit(dataset: Dataset, name: string): Signal[] {
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
