// CSV of one machine on its way into a store: what the CSV standard does not ask for, and portal and gateway do.
import { HttpProblem } from "../http-problem.ts";
import type { Fault } from "../problem.ts";
import { createFaultList, renderFaults, sortFaults, type FaultList } from "./faults.ts";
import { createCsvParser, type CsvBlock, type CsvHeader } from "./parse.ts";

/** Of a batch as it is sent, and of what it unzips to: a gateway must take none that the portal would refuse. */
export const maxBatchBytes = 8 * 1024 * 1024;

export interface MachineRowsOptions {
  now: Date;
  /** Largest number of rows in a block. */
  blockRows?: number;
  onHeader?: (header: CsvHeader) => void;
  /** Rows without a fault so far. The arrays are overwritten after the call. */
  onBlock?: (block: CsvBlock) => void;
}

/** Of CSV whose rows are all good. */
export interface MachineRows {
  machineId: string;
  rowCount: number;
  warnings: string[];
}

export interface MachineRowsParser {
  /** Takes any cut of the file. Throws only what `onHeader` and `onBlock` throw. */
  write(bytes: Uint8Array): void;
  /** Must be called once, behind the last byte. Throws an HttpProblem, a 400, where anything is wrong with it. */
  end(): MachineRows;
}

/** A clock that is wrong must not put samples where nobody looks, or keep the newest ones from showing. */
const maxAheadS = 24 * 3600;
const maxFaults = 100;

/** Refuses rows of several machines, rows of a day after tomorrow, and none. */
export function createMachineRowsParser(options: MachineRowsOptions): MachineRowsParser {
  const { now, blockRows, onHeader, onBlock } = options;
  const latestS = Math.floor(now.getTime() / 1000) + maxAheadS;
  const faults = createFaultList(maxFaults);
  let machineId: string | null = null;
  const parser = createCsvParser({
    maxFaults,
    ...(blockRows === undefined ? {} : { blockRows }),
    onHeader: (header) => onHeader?.(header),
    onBlock: (block) => {
      machineId ??= block.machineId;
      if (block.machineId !== machineId) addOtherMachine(faults, block, machineId);
      addFuture(faults, block, latestS);
      if (faults.count === 0) onBlock?.(block);
    },
  });
  return {
    write: (bytes) => parser.write(bytes),
    end() {
      const summary = parser.end();
      const count = summary.faultCount + faults.count;
      if (count > 0) throw invalidCsv([...summary.faults, ...faults.faults], count);
      if (machineId === null) {
        throw invalidCsv([{ line: 1, message: "There is a header, but no row below it." }]);
      }
      return { machineId, rowCount: summary.rowCount, warnings: summary.warnings };
    },
  };
}

/** A 400 with the first 100 faults in the order of lines; `count` counts also those that are not described. */
export function invalidCsv(faults: readonly Fault[], count = faults.length): HttpProblem {
  return new HttpProblem(400, "Invalid CSV", `Nothing was stored: ${renderFaults(faults, count)}`, {
    errors: sortFaults(faults).slice(0, maxFaults),
  });
}

/** Of the block's rows, all of which are, the first is described. */
function addOtherMachine(
  faults: FaultList,
  { machineId, rowCount, firstLine }: CsvBlock,
  expected: string,
): void {
  faults.add({
    line: firstLine,
    column: "machine_id",
    value: machineId,
    message: `The rows before are of "${expected}": send those of each machine by themselves.`,
  });
  faults.count += rowCount - 1;
}

function addFuture(
  faults: FaultList,
  { rowCount, timestampsS, firstLine }: CsvBlock,
  latestS: number,
): void {
  for (let row = 0; row < rowCount; row++) {
    const timeS = timestampsS[row] ?? Number.NaN;
    if (timeS <= latestS) continue;
    faults.add({
      line: firstLine + row,
      column: "timestamp",
      value: new Date(timeS * 1000).toISOString().replace(".000Z", "Z"),
      message: "Is more than a day ahead of the clock here: set the machine's clock.",
    });
  }
}
