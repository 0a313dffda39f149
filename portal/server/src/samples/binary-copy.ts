// Format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"; numbers are big-endian.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { TenantDb } from "../db/tenant-db.ts";

/** A field of a row; null is SQL's NULL. */
export type Field = Buffer | null;

const signature = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
const trailer = Buffer.from([0xff, 0xff]);
const chunkBytes = 65_536;

/** Runs `COPY … FROM STDIN (FORMAT binary)`; each row has the statement's columns in their order and types. */
export async function copyRows(db: TenantDb, copy: string, rows: Iterable<Field[]>): Promise<void> {
  await pipeline(Readable.from(toChunks(rows), { objectMode: false }), db.copyFrom(copy));
}

export function int2(value: number): Buffer {
  const field = Buffer.allocUnsafe(2);
  field.writeInt16BE(value);
  return field;
}

export function int4(value: number): Buffer {
  const field = Buffer.allocUnsafe(4);
  field.writeInt32BE(value);
  return field;
}

export function float8(value: number): Buffer {
  const field = Buffer.allocUnsafe(8);
  field.writeDoubleBE(value);
  return field;
}

function* toChunks(rows: Iterable<Field[]>): Generator<Buffer> {
  let parts: Buffer[] = [signature];
  let size = signature.length;
  for (const row of rows) {
    parts.push(int2(row.length));
    for (const field of row) {
      parts.push(int4(field === null ? -1 : field.length));
      if (field !== null) parts.push(field);
      size += 4 + (field?.length ?? 0);
    }
    if (size >= chunkBytes) {
      yield Buffer.concat(parts);
      parts = [];
      size = 0;
    }
  }
  yield Buffer.concat([...parts, trailer]);
}
