// Rows of a spool as the next batch, which is one CSV of one machine.
import { gzipSync } from "node:zlib";
import type { SpoolRecord } from "../spool/spool.ts";
import type { RowStore } from "./stores.ts";

export interface RowBatch {
  store: RowStore;
  /** The id of the first row. */
  sequence: number;
  lastId: number;
  rowCount: number;
  /** As a cell of the CSV: a spool may come with the image of another machine. */
  machineCell: string;
  csv: Buffer;
  encoding: "identity" | "gzip";
  body: Buffer;
  /** Whether there was another batch of its name, so that it has a new one. */
  renamed: boolean;
  /** Whether it was refused together with what the machine tells of itself, and goes alone now. */
  goesAlone: boolean;
}

const comma = 0x2c;
const maxRows = 1000;
/** The portal takes 8 MiB; more than this only costs memory here. */
const maxBytes = 1024 * 1024;
/** Below, compressing costs more than it saves. */
const minGzipBytes = 4096;

/**
 * The rows of the batch that was under way when the process ended, or as many as have the same columns; null where none waits. The
 * store remembers where it ends.
 */
export function takeBatch(store: RowStore): RowBatch | null {
  const { spool } = store;
  const { acknowledgedId, sealedId } = spool;
  const isSealed = sealedId > acknowledgedId;
  const records = spool.read(acknowledgedId, {
    maxRecords: isSealed ? sealedId - acknowledgedId : maxRows,
    maxBytes: isSealed ? Number.POSITIVE_INFINITY : maxBytes,
  });
  const [first] = records;
  if (first === undefined) return null;
  if (isSealed && first.id > sealedId) {
    // All of it was damaged.
    spool.acknowledge(sealedId);
    return takeBatch(store);
  }
  const machineCell = machineCellOf(first);
  const different = records.findIndex(
    (record) =>
      !isSameHead(record.head, first.head) ||
      machineCellOf(record) !== machineCell ||
      (isSealed && record.id > sealedId),
  );
  const rows = records.slice(0, different === -1 ? undefined : different);
  const lastId = rows.at(-1)?.id ?? first.id;
  if (lastId !== sealedId) spool.seal(lastId);
  const csv = Buffer.concat([first.head ?? Buffer.alloc(0), ...rows.map(({ payload }) => payload)]);
  const encoding = csv.length < minGzipBytes ? "identity" : "gzip";
  return {
    store,
    sequence: first.id,
    lastId,
    rowCount: rows.length,
    machineCell,
    csv,
    encoding,
    body: encoding === "gzip" ? gzipSync(csv) : csv,
    renamed: false,
    goesAlone: false,
  };
}

/** The text behind the time: a batch is of one machine. */
function machineCellOf({ payload }: SpoolRecord): string {
  const start = payload.indexOf(comma) + 1;
  return payload.toString("utf8", start, payload.indexOf(comma, start));
}

function isSameHead(head: SpoolRecord["head"], other: SpoolRecord["head"]): boolean {
  return head === other || (head !== null && other !== null && head.equals(other));
}
