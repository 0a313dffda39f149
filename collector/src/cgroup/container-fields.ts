import { cpuStatFields } from "./cpu-stat.ts";
import { ioStatFields } from "./io-stat.ts";
import { memoryEventsFields } from "./memory-events.ts";
import { memoryStatFields } from "./memory-stat.ts";

/** Of the fields, those that only grow while the container lives. */
export const containerCounters = [
  ...cpuStatFields,
  ...ioStatFields,
  ...memoryEventsFields,
] as const;

/** What a sample holds of a container, by the kernel's names and in its units; the counters come first. */
export const containerFields = [
  ...containerCounters,
  "memory_current",
  /** Not measured where there is no limit, as `quota_usec`. */
  "memory_max",
  ...memoryStatFields,
  "pids_current",
  "quota_usec",
  "period_usec",
] as const;

export type ContainerField = (typeof containerFields)[number];
