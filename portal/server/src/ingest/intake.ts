// CSV of one machine on its way into the store: parsed, and checked for what the portal does not take.
import { renderFaults, sortFaults } from "@perfanalysis/contract/csv/faults";
import { createCsvParser, type CsvBlock } from "@perfanalysis/contract/csv/parse";
import type { Fault } from "@perfanalysis/contract/problem";
import { HttpProblem } from "../http/problem.ts";
import { hourS, type SampleBlock } from "../samples/block.ts";
import { toTime } from "../samples/times.ts";
import { createContent } from "./content.ts";

export interface IntakeOptions {
  /** Of the file as it is sent, and of what it unzips to. */
  maxBytes: number;
  /** Columns times hours that the rows touch: what is stored is a blob for each of these. */
  maxBlobs: number;
  now: Date;
  /** The unzipped bytes, as they are parsed. */
  onBytes?: (bytes: Uint8Array) => void;
  /** Rows without a fault so far. The arrays are overwritten after the call. */
  onBlock: (block: SampleBlock) => void;
}

/** A file whose rows are all good. */
export interface Received {
  machineId: string;
  rowCount: number;
  /** After decompression. */
  byteCount: number;
  warnings: string[];
}

/** Takes a file piece by piece. Throws an HttpProblem where it is refused; then only `close` may be called. */
export interface Intake {
  write(chunk: Uint8Array): Promise<void>;
  end(): Promise<Received>;
  close(): void;
}

/** A clock that is wrong must not put samples where nobody looks, or keep the newest ones from showing. */
const maxAheadS = 24 * 3600;
const maxFaults = 100;

export function createIntake(options: IntakeOptions): Intake {
  const { maxBytes, maxBlobs, now, onBytes, onBlock } = options;
  const latestS = Math.floor(now.getTime() / 1000) + maxAheadS;
  const faults: Fault[] = [];
  let faultCount = 0;
  let byteCount = 0;
  let machineId: string | null = null;
  let columns: string[] = [];
  const hours = new Set<number>();
  const parser = createCsvParser({
    maxFaults,
    onHeader: (header) => {
      columns = header.columns.map(({ name }) => name);
    },
    onBlock: (block) => {
      machineId ??= block.machineId;
      if (block.machineId !== machineId) refuseMachine(block, machineId);
      refuseFuture(block);
      if (faultCount > 0) return;
      refuseScattered(block);
      const { rowCount, timestampsS, values } = block;
      onBlock({ columns, rowCount, timestampsS, values });
    },
  });
  const content = createContent({
    maxBytes,
    onBytes: (bytes) => {
      byteCount += bytes.length;
      onBytes?.(bytes);
      parser.write(bytes);
    },
  });
  return {
    write: (chunk) => content.write(chunk),
    close: () => content.close(),
    async end() {
      await content.end();
      const summary = parser.end();
      const count = summary.faultCount + faultCount;
      if (count > 0) throw invalidCsv([...summary.faults, ...faults], count);
      if (machineId === null) {
        throw invalidCsv([{ line: 1, message: "There is a header, but no row below it." }]);
      }
      return { machineId, rowCount: summary.rowCount, byteCount, warnings: summary.warnings };
    },
  };

  function refuseMachine({ firstLine, rowCount, ...block }: CsvBlock, expected: string): void {
    addFault(rowCount, () => ({
      line: firstLine,
      column: "machine_id",
      value: block.machineId,
      message: `The rows before are of "${expected}": send a file for each machine.`,
    }));
  }

  function refuseFuture({ rowCount, timestampsS, firstLine }: CsvBlock): void {
    for (let row = 0; row < rowCount; row++) {
      const timeS = timestampsS[row] ?? Number.NaN;
      if (timeS <= latestS) continue;
      addFault(1, () => ({
        line: firstLine + row,
        column: "timestamp",
        value: toTime(timeS),
        message: "Is more than a day ahead of the portal's clock: set the machine's clock.",
      }));
    }
  }

  function refuseScattered({ rowCount, timestampsS }: CsvBlock): void {
    for (let row = 0; row < rowCount; row++) {
      hours.add(Math.floor((timestampsS[row] ?? Number.NaN) / hourS));
    }
    if (hours.size * columns.length > maxBlobs) {
      throw new HttpProblem(
        413,
        "Too large",
        `Cannot take ${columns.length} columns over more than ${Math.floor(maxBlobs / columns.length)} different hours at once. Split it by time.`,
      );
    }
  }

  function addFault(count: number, describe: () => Fault): void {
    faultCount += count;
    if (faults.length < maxFaults) faults.push(describe());
  }
}

/**
 * Reads the source to its end, also where what it gives is refused: a client that is still sending would not hear the answer.
 */
export async function feedIntake(
  intake: Intake,
  source: AsyncIterable<Uint8Array>,
): Promise<Received | HttpProblem> {
  let refusal: HttpProblem | null = null;
  try {
    for await (const chunk of source) refusal ??= await toRefusal(intake.write(chunk));
    return refusal ?? (await intake.end());
  } catch (error) {
    if (error instanceof HttpProblem) return error;
    throw error;
  } finally {
    intake.close();
  }
}

async function toRefusal(work: Promise<void>): Promise<HttpProblem | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof HttpProblem) return error;
    throw error;
  }
}

/** A 400 with the first 100 faults in the order of lines. */
export function invalidCsv(faults: readonly Fault[], count = faults.length): HttpProblem {
  return new HttpProblem(400, "Invalid CSV", `Nothing was stored: ${renderFaults(faults, count)}`, {
    errors: sortFaults(faults).slice(0, maxFaults),
  });
}
