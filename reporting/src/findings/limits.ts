/** Limits by which rules judge, and which charts show; a rule's file says where each comes from. */
export const limits = {
  cpuBusyPercent: 90,
  tasksPerCpu: 2,
  /** Of all memory. */
  memoryAvailablePercent: 10,
  majorFaultsPerS: 500,
  diskBusyPercent: 95,
  diskQueue: 10,
  spaceLeftPercent: 5,
  throttledPercent: 25,
} as const;
