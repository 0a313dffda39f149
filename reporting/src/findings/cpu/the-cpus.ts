/** "the CPU" where the machine has one, else, and where that is not known, "the CPUs". */
export function theCpus(cpuCount: number | null): string {
  return cpuCount === 1 ? "the CPU" : "the CPUs";
}
