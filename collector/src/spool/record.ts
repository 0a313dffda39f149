// A record as it lies in a segment. Numbers are little-endian.
//
//    0  u32  mark: the segment's own, drawn at random and part of its name, so that nothing in a payload can be taken for a record
//    4  u32  CRC-32 of all that is behind it, the payload included
//    8  u32  bytes of the payload
//   12  u32  kind
//   16  u48  id; of a note, which has none of its own, that of the last record before it
//   22  u16  number of the head that the payload needs; 0: none
//   24       payload
import { crc32 } from "node:zlib";

export interface StoredRecord {
  kind: number;
  id: number;
  head: number;
  payload: Buffer;
}

/** A record and where it lies in the bytes that it was found in. */
export interface FoundRecord extends StoredRecord {
  start: number;
  end: number;
}

export const recordOverheadBytes = 24;
/** More than a portal takes in a batch. */
export const maxPayloadBytes = 16 * 1024 * 1024;

export function renderRecord(mark: number, { kind, id, head, payload }: StoredRecord): Buffer {
  const bytes = Buffer.allocUnsafe(recordOverheadBytes + payload.length);
  bytes.writeUInt32LE(mark, 0);
  bytes.writeUInt32LE(payload.length, 8);
  bytes.writeUInt32LE(kind, 12);
  bytes.writeUIntLE(id, 16, 6);
  bytes.writeUInt16LE(head, 22);
  payload.copy(bytes, recordOverheadBytes);
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
  return bytes;
}

/** The first whole record at or behind the offset: what is damaged is passed over. null where there is none. */
export function findRecord(bytes: Buffer, offset: number, mark: number): FoundRecord | null {
  const found = parseRecord(bytes, offset, mark);
  if (found !== null) return found;
  const markBytes = Buffer.alloc(4);
  markBytes.writeUInt32LE(mark);
  let at = offset;
  for (;;) {
    at = bytes.indexOf(markBytes, at + 1);
    if (at === -1) return null;
    const record = parseRecord(bytes, at, mark);
    if (record !== null) return record;
  }
}

/** Whether a record of this length, whatever is wrong with it, ends exactly where the bytes end: then it was written whole. */
export function isWholeButDamaged(bytes: Buffer, offset: number, mark: number): boolean {
  return (
    bytes.length - offset >= recordOverheadBytes &&
    bytes.readUInt32LE(offset) === mark &&
    offset + recordOverheadBytes + bytes.readUInt32LE(offset + 8) === bytes.length
  );
}

function parseRecord(bytes: Buffer, start: number, mark: number): FoundRecord | null {
  const payloadStart = start + recordOverheadBytes;
  if (payloadStart > bytes.length || bytes.readUInt32LE(start) !== mark) return null;
  const end = payloadStart + bytes.readUInt32LE(start + 8);
  if (end > bytes.length) return null;
  if (crc32(bytes.subarray(start + 8, end)) !== bytes.readUInt32LE(start + 4)) return null;
  return {
    kind: bytes.readUInt32LE(start + 12),
    id: bytes.readUIntLE(start + 16, 6),
    head: bytes.readUInt16LE(start + 22),
    payload: bytes.subarray(payloadStart, end),
    start,
    end,
  };
}
