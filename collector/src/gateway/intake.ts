// What a client sends, on its way into the spool: read with a limit and a deadline, unzipped, and held against the CSV standard, so
// that nothing is kept that the portal would refuse.
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { renderFaults, sortFaults } from "@perfanalysis/contract/csv/faults";
import { createCsvParser, type CsvBlock } from "@perfanalysis/contract/csv/parse";
import type { Fault } from "@perfanalysis/contract/problem";
import { isZipped, type Batch } from "./batch.ts";
import { busy, Refusal } from "./refusal.ts";

const MiB = 1024 * 1024;
/** Of the body as it is sent, and of what it unzips to; as the portal's. */
export const maxBatchBytes = 8 * MiB;
const maxFaults = 100;
/** As the portal's: a clock that is wrong must not put samples where nobody looks. */
const maxAheadS = 24 * 3600;
/** A batch of pcc often has one row; larger blocks would be allocated for nothing. */
const maxBlockRows = 64;
const newline = 10;
const digestBytes = 16;

/** There is nobody to answer any more. */
export class ClientGoneError extends Error {}

/** Bytes of bodies that are being received, all clients together. */
export interface ReceivedBytes {
  readonly maxBytes: number;
  bytes: number;
}

/**
 * The body, which is no longer than a batch may be. What is refused is read to its end and thrown away: a client that is still
 * sending would not hear the answer.
 * @throws Refusal, also where the client is slower than the deadline, and ClientGoneError.
 */
export function receiveBody(
  request: IncomingMessage,
  { all, deadlineMs }: { all: ReceivedBytes; deadlineMs: number },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const timer = setTimeout(() => refuse(tooSlow()), deadlineMs);
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      request.off("data", take);
      all.bytes -= bytes;
      bytes = 0;
      end();
    };
    const refuse = (refusal: Refusal): void => {
      settle(() => reject(refusal));
      request.resume();
    };
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      all.bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > maxBatchBytes) refuse(tooLarge());
      else if (all.bytes > all.maxBytes) refuse(tooMuch());
    };
    request.on("data", take);
    request.on("end", () => settle(() => resolve(Buffer.concat(chunks))));
    request.on("error", (cause) => settle(() => reject(new ClientGoneError("", { cause }))));
    request.on("close", () => settle(() => reject(new ClientGoneError())));
  });
}

/**
 * What the body holds.
 * @throws Refusal with the first 100 faults, by line and column.
 */
export function checkBody(
  body: Buffer,
  { nowMs }: { nowMs: number },
): Pick<Batch, "machineId" | "rowCount" | "digest" | "body"> {
  const csv = isZipped(body) ? unzip(body) : body;
  if (isZipped(csv)) {
    throw new Refusal(
      415,
      "Not CSV",
      "Cannot take the batch: it is zipped twice. Send CSV text, as it is or zipped once with gzip.",
    );
  }
  const { machineId, rowCount } = checkCsv(csv, Math.floor(nowMs / 1000) + maxAheadS);
  const hash = createHash("sha256").update(csv).digest();
  const digest = hash.subarray(0, digestBytes).toString("base64url");
  return { machineId, rowCount, digest, body };
}

export function unzip(body: Buffer): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: maxBatchBytes });
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE")
      throw tooLarge(cause);
    throw new Refusal(
      400,
      "Invalid CSV",
      "Cannot unzip the batch: it is damaged or cut off. Zip it anew with gzip.",
      { cause },
    );
  }
}

function checkCsv(csv: Buffer, latestS: number): { machineId: string; rowCount: number } {
  const faults: Fault[] = [];
  let faultCount = 0;
  let machineId: string | null = null;
  const addFault = (fault: Fault): void => {
    faultCount += 1;
    if (faults.length < maxFaults) faults.push(fault);
  };
  const parser = createCsvParser({
    maxFaults,
    blockRows: countLines(csv, maxBlockRows),
    onHeader: () => {},
    onBlock: (block) => {
      machineId ??= block.machineId;
      if (block.machineId !== machineId) {
        addFault({
          line: block.firstLine,
          column: "machine_id",
          value: block.machineId,
          message: `The rows before are of "${machineId}": send a batch for each machine.`,
        });
      }
      listFuture(block, latestS).forEach(addFault);
    },
  });
  parser.write(csv);
  const summary = parser.end();
  const count = summary.faultCount + faultCount;
  if (count > 0) throw invalidCsv([...summary.faults, ...faults], count);
  if (machineId === null)
    throw invalidCsv([{ line: 1, message: "There is a header, but no row below it." }], 1);
  return { machineId, rowCount: summary.rowCount };
}

/** From 1 to `most`. */
function countLines(csv: Buffer, most: number): number {
  let count = 0;
  let at = csv.indexOf(newline);
  while (at !== -1 && count < most) {
    count += 1;
    at = csv.indexOf(newline, at + 1);
  }
  return Math.max(1, count);
}

function listFuture({ rowCount, timestampsS, firstLine }: CsvBlock, latestS: number): Fault[] {
  const faults: Fault[] = [];
  for (let row = 0; row < rowCount; row++) {
    const timeS = timestampsS[row] ?? Number.NaN;
    if (timeS <= latestS) continue;
    faults.push({
      line: firstLine + row,
      column: "timestamp",
      value: new Date(timeS * 1000).toISOString(),
      message: "Is more than a day ahead of the gateway's clock: set the machine's clock.",
    });
  }
  return faults;
}

function invalidCsv(faults: readonly Fault[], count: number): Refusal {
  return new Refusal(400, "Invalid CSV", `Nothing was kept: ${renderFaults(faults, count)}`, {
    errors: sortFaults(faults).slice(0, maxFaults),
  });
}

function tooSlow(): Refusal {
  return new Refusal(
    408,
    "Too slow",
    "The batch did not arrive in time. Send fewer rows at once.",
    {
      headers: { connection: "close" },
    },
  );
}

function tooMuch(): Refusal {
  return busy("Too much is being received at this moment. Send it again a little later.", {
    retryAfterS: 1,
  });
}

function tooLarge(cause?: unknown): Refusal {
  return new Refusal(
    413,
    "Too large",
    `Cannot take more than ${maxBatchBytes / MiB} MiB, nor what unzips to more. Send fewer rows at once.`,
    { cause },
  );
}
