import type { Dataset } from "../statistics/dataset.ts";
import { listResources, type Devices, type ResourceUse } from "./resources.ts";

/** How much of a resource was left at its 95th and 99th percentile of use. */
export interface Headroom extends ResourceUse {
  p95: number;
  p99: number;
  /** Share (0–1) of the limit that was not in use; never below 0. NaN where the limit is 0. */
  freeRatioP95: number;
  freeRatioP99: number;
}

/** By resource, in the order of `listResources`; those that were never in use at all are left out. */
export function measureHeadroom(dataset: Dataset, devices: Devices): Headroom[] {
  return listResources(dataset, devices).flatMap((use): Headroom[] => {
    const { p95, p99, max } = dataset.summary(use.measure);
    if (max === 0) return [];
    const free = (value: number): number => Math.max(0, 1 - value / use.limit);
    return [{ ...use, p95, p99, freeRatioP95: free(p95), freeRatioP99: free(p99) }];
  });
}
