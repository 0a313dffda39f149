// A column of samples as bytes. The format, all numbers little-endian:
//   u8 version, u8 mode, u8 flags, u16 count of values, u16 count of those that are not gaps,
//   the mode's parameters, the payload, u32 CRC-32 of everything before it.
// The payload, compressed with zstd where flag 1 is set, is: with flag 2 a bit a value, lowest first, 1 where it is no gap;
// then the planes of the values that are no gaps (planes.ts).
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { draft, fail, modeReader, modes } from "./modes.ts";

/** Values that one blob can hold. */
export const maxCount = 65_535;

const version = 1;
const headerBytes = 7;
const checksumBytes = 4;
const compressed = 1;
const withGaps = 2;

const zstdLevel = { [constants.ZSTD_c_compressionLevel]: 3 };
/** No frame of ours needs more; a damaged one cannot ask for more. */
const zstdWindow = { [constants.ZSTD_d_windowLogMax]: 20 };

/** Keeps every bit of every value; NaN is a gap. Throws RangeError for more than `maxCount` values. */
export function encodeValues(values: Float64Array): Buffer {
  if (values.length > maxCount) {
    throw new RangeError(
      `Cannot encode ${values.length} values: at most ${maxCount} fit in a blob`,
    );
  }
  const present = withoutGaps(values);
  const someGaps = present.length > 0 && present.length < values.length;
  const bitmap = someGaps ? toBitmap(values) : null;
  const bodies = draft(present).map(({ mode, parameters, planes }) => {
    const payload = bitmap === null ? planes : Buffer.concat([bitmap, planes]);
    const packed = payload.length === 0 ? payload : compress(payload);
    const smaller = packed.length < payload.length;
    const header = Buffer.alloc(headerBytes);
    header.writeUInt8(version, 0);
    header.writeUInt8(mode, 1);
    header.writeUInt8((smaller ? compressed : 0) | (someGaps ? withGaps : 0), 2);
    header.writeUInt16LE(values.length, 3);
    header.writeUInt16LE(present.length, 5);
    return [header, parameters, smaller ? packed : payload];
  });
  return close(bodies.reduce((best, body) => (sizeOf(body) < sizeOf(best) ? body : best)));
}

/** Throws a SyntaxError that says what is wrong with bytes that `encodeValues` did not make. */
export function decodeValues(bytes: Uint8Array): Float64Array {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkFrame(body);
  const mode = body.readUInt8(1);
  const flags = body.readUInt8(2);
  const count = body.readUInt16LE(3);
  const presentCount = body.readUInt16LE(5);
  const reader = modeReader(mode, body.subarray(headerBytes, -checksumBytes), presentCount);
  const bitmapBytes = (flags & withGaps) === 0 ? 0 : Math.ceil(count / 8);
  const payload = readPayload(
    body.subarray(headerBytes + reader.parameterBytes, -checksumBytes),
    bitmapBytes + reader.planeBytes,
    (flags & compressed) !== 0,
  );
  const present = reader.read(payload.subarray(bitmapBytes));
  if (mode === modes.empty) return new Float64Array(count).fill(NaN);
  return bitmapBytes === 0 ? present : spread(present, payload.subarray(0, bitmapBytes), count);
}

function compress(payload: Uint8Array): Buffer {
  return zstdCompressSync(payload, { params: zstdLevel, pledgedSrcSize: payload.length });
}

function sizeOf(parts: Uint8Array[]): number {
  return parts.reduce((size, part) => size + part.length, 0);
}

function close(parts: Uint8Array[]): Buffer {
  const body = Buffer.concat([...parts, Buffer.alloc(checksumBytes)]);
  const end = body.length - checksumBytes;
  body.writeUInt32LE(crc32(body.subarray(0, end)), end);
  return body;
}

function checkFrame(body: Buffer): void {
  if (body.length < headerBytes + checksumBytes) fail(`${body.length} bytes are too few`);
  if (body.readUInt8(0) !== version) {
    fail(`they are of version ${body.readUInt8(0)}, this program reads ${version}`);
  }
  const end = body.length - checksumBytes;
  if (body.readUInt32LE(end) !== crc32(body.subarray(0, end))) fail("the checksum is wrong");
  const present = body.readUInt16LE(5);
  const gaps = body.readUInt16LE(3) - present;
  const mapped = (body.readUInt8(2) & withGaps) !== 0;
  if (gaps < 0 || mapped !== (gaps > 0 && present > 0)) fail("the counts contradict each other");
}

function readPayload(bytes: Buffer, size: number, isCompressed: boolean): Uint8Array {
  let payload: Uint8Array = bytes;
  if (isCompressed) {
    try {
      payload = zstdDecompressSync(bytes, {
        params: zstdWindow,
        maxOutputLength: Math.max(1, size),
      });
    } catch (cause) {
      fail("the payload cannot be decompressed", cause);
    }
  }
  if (payload.length !== size) fail(`the payload has ${payload.length} bytes, not ${size}`);
  return payload;
}

function withoutGaps(values: Float64Array): Float64Array {
  let gaps = 0;
  for (let index = 0; index < values.length; index++) if (Number.isNaN(values[index])) gaps++;
  return gaps === 0 ? values : values.filter((value) => !Number.isNaN(value));
}

function toBitmap(values: Float64Array): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(values.length / 8));
  for (let index = 0; index < values.length; index++) {
    if (Number.isNaN(values[index])) continue;
    bitmap[index >> 3] = (bitmap[index >> 3] ?? 0) | (1 << (index & 7));
  }
  return bitmap;
}

function spread(present: Float64Array, bitmap: Uint8Array, count: number): Float64Array {
  const values = new Float64Array(count).fill(NaN);
  let next = 0;
  for (let index = 0; index < count; index++) {
    if (((bitmap[index >> 3] ?? 0) & (1 << (index & 7))) !== 0)
      values[index] = present[next++] ?? NaN;
  }
  if (next !== present.length) fail("the bitmap of gaps does not fit the count");
  return values;
}
