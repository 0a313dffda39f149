// CSV of one machine on its way into the store: parsed, and checked for what the portal does not take.
import { createMachineRowsParser, type MachineRows } from "@perfanalysis/contract/csv/machine-rows";
import type { CsvBlock } from "@perfanalysis/contract/csv/parse";
import { HttpProblem } from "@perfanalysis/contract/http-problem";
import { hourS, type SampleBlock } from "../samples/block.ts";
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
export interface Received extends MachineRows {
  /** After decompression. */
  byteCount: number;
}

/** Takes a file piece by piece. Throws an HttpProblem where it is refused; then only `close` may be called. */
export interface Intake {
  write(chunk: Uint8Array): Promise<void>;
  end(): Promise<Received>;
  close(): void;
}

export function createIntake(options: IntakeOptions): Intake {
  const { maxBytes, maxBlobs, now, onBytes, onBlock } = options;
  let byteCount = 0;
  let columns: string[] = [];
  const hours = new Set<number>();
  const rows = createMachineRowsParser({
    now,
    onHeader: (header) => {
      columns = header.columns.map(({ name }) => name);
    },
    onBlock: (block) => {
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
      rows.write(bytes);
    },
  });
  return {
    write: (chunk) => content.write(chunk),
    close: () => content.close(),
    async end() {
      await content.end();
      return { ...rows.end(), byteCount };
    },
  };

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
