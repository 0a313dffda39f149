// What a client sends, on its way into the spool: read with a limit and a deadline, unzipped, and held against the CSV standard, so
// that nothing is kept that the portal would refuse.
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { createMachineRowsParser, maxBatchBytes } from "@perfanalysis/contract/csv/machine-rows";
import { HttpProblem, unavailable } from "@perfanalysis/contract/http-problem";
import { isZipped, type Batch } from "./batch.ts";

const MiB = 1024 * 1024;
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
 * @throws HttpProblem, also where the client is slower than the deadline, and ClientGoneError.
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
    const refuse = (refusal: HttpProblem): void => {
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
 * @throws HttpProblem with the first 100 faults, by line and column.
 */
export function checkBody(
  body: Buffer,
  { nowMs }: { nowMs: number },
): Pick<Batch, "machineId" | "rowCount" | "digest" | "body"> {
  const csv = isZipped(body) ? unzip(body) : body;
  if (isZipped(csv)) {
    throw new HttpProblem(
      415,
      "Not CSV",
      "Cannot take the batch: it is zipped twice. Send CSV text, as it is or zipped once with gzip.",
    );
  }
  const rows = createMachineRowsParser({
    now: new Date(nowMs),
    blockRows: countLines(csv, maxBlockRows),
  });
  rows.write(csv);
  const { machineId, rowCount } = rows.end();
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
    throw new HttpProblem(
      400,
      "Invalid CSV",
      "Cannot unzip the batch: it is damaged or cut off. Zip it anew with gzip.",
      { cause },
    );
  }
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

function tooSlow(): HttpProblem {
  return new HttpProblem(
    408,
    "Too slow",
    "The batch did not arrive in time. Send fewer rows at once.",
    {
      headers: { connection: "close" },
    },
  );
}

function tooMuch(): HttpProblem {
  return unavailable("Too much is being received at this moment. Send it again a little later.", {
    retryAfterS: 1,
  });
}

function tooLarge(cause?: unknown): HttpProblem {
  return new HttpProblem(
    413,
    "Too large",
    `Cannot take more than ${maxBatchBytes / MiB} MiB, nor what unzips to more. Send fewer rows at once.`,
    { cause },
  );
}
