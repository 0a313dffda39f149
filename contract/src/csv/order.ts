// Rows need not ascend in time, whoever stores them sorts them; but their author should know.

export interface OrderCheck {
  /** The rows that follow are of this machine. */
  startMachine(machineId: string): void;
  check(timeS: number, line: number): void;
  warnings(): string[];
}

export function createOrderCheck(): OrderCheck {
  const latestOthersS = new Map<string, number>();
  let machineId = "";
  let latestS = Number.NEGATIVE_INFINITY;
  const late = { count: 0, line: 0 };
  const repeated = { count: 0, line: 0 };
  return {
    startMachine(next) {
      latestOthersS.set(machineId, latestS);
      machineId = next;
      latestS = latestOthersS.get(next) ?? Number.NEGATIVE_INFINITY;
    },
    check(timeS, line) {
      if (timeS > latestS) {
        latestS = timeS;
        return;
      }
      const kind = timeS === latestS ? repeated : late;
      if (kind.count === 0) kind.line = line;
      kind.count++;
    },
    warnings() {
      const found: string[] = [];
      if (late.count > 0) {
        found.push(
          `Rows out of the order of time: ${late.count}, the first on line ${late.line}; they were sorted.`,
        );
      }
      if (repeated.count > 0) {
        found.push(
          `Rows with the time of the row before: ${repeated.count}, the first on line ${repeated.line}; they were merged.`,
        );
      }
      return found;
    },
  };
}
