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

/** For people: how many faults there are, and the first by its line; `count` counts also those that are not described. */
export function renderFaults(faults: readonly Fault[], count: number): string {
  const [first] = sortFaults(faults);
  const where = [
    first?.line === undefined ? "" : ` on line ${first.line}`,
    first?.column === undefined ? "" : `, column ${first.column}`,
    first?.value === undefined ? "" : `, "${first.value}"`,
  ].join("");
  const what = count === 1 ? "one fault" : `${count} faults, the first`;
  return `${what}${where}: ${first?.message ?? "unknown"}`;
}

/** In the order of lines. */
export function sortFaults(faults: readonly Fault[]): Fault[] {
  return faults.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0));
}
