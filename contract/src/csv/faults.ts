import type { Fault } from "../problem.ts";

export interface FaultList {
  /** The first ones. */
  readonly faults: Fault[];
  /** All of them. */
  count: number;
  /** Whether the next one will be described; if not, there is no need to word it. */
  describes(): boolean;
  add(fault: Fault): void;
}

export function createFaultList(maxFaults: number): FaultList {
  const faults: Fault[] = [];
  return {
    faults,
    count: 0,
    describes: () => faults.length < maxFaults,
    add(fault) {
      this.count++;
      if (faults.length < maxFaults) faults.push(fault);
    },
  };
}
