// A batch of rows of one machine, and how it stands in the spool: a line of JSON that says what it is, then the body as it was sent.

/** (agent, epoch, sequence) names a batch once and for all. */
export interface BatchName {
  agent: string;
  epoch: string;
  sequence: number;
}

export interface Batch extends BatchName {
  machineId: string;
  rowCount: number;
  /** Of the unzipped rows: tells a repeated batch from another one of the same name. */
  digest: string;
  /** What the machine tells of itself, as it came: JSON in ASCII; null: nothing. */
  facts: string | null;
  /** In the CSV standard, zipped or not. */
  body: Buffer;
}

/** The record's kind in the spool. */
export const batchKind = 1;
const newline = 10;

export function encodeBatch({ body, ...description }: Batch): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(description)}\n`), body]);
}

/** @throws SyntaxError where the payload is no batch. The body shares the payload's memory. */
export function decodeBatch(payload: Buffer): Batch {
  const end = payload.indexOf(newline);
  const description: unknown = JSON.parse(payload.toString("utf8", 0, Math.max(0, end)));
  if (typeof description !== "object" || description === null)
    throw new SyntaxError("Cannot read a spooled batch: it has no description");
  const { agent, epoch, sequence, machineId, rowCount, digest, facts } = description as Record<
    string,
    unknown
  >;
  if (
    typeof agent !== "string" ||
    typeof epoch !== "string" ||
    typeof sequence !== "number" ||
    typeof machineId !== "string" ||
    typeof rowCount !== "number" ||
    typeof digest !== "string"
  ) {
    throw new SyntaxError("Cannot read a spooled batch: its description lacks something");
  }
  return {
    agent,
    epoch,
    sequence,
    machineId,
    rowCount,
    digest,
    // What an earlier version spooled has none.
    facts: typeof facts === "string" ? facts : null,
    body: payload.subarray(end + 1),
  };
}

export function isZipped(body: Uint8Array): boolean {
  return body[0] === 0x1f && body[1] === 0x8b;
}
