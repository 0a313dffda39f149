// A column of samples as bytes. The format, all numbers little-endian:
//   u8 version, u8 mode, u16 count of values, u16 count of those that are no gaps, the mode's parameters (modes.ts),
//   where there are gaps and values a plane of bits, lowest first, 1 for a value that is no gap,
//   the mode's planes of the values that are no gaps (planes.ts), u32 CRC-32 of everything before it.
import { crc32 } from "node:zlib";
import { fail } from "./fail.ts";
import { draft, modeReader } from "./modes.ts";
import { packPlane, unpackPlane } from "./planes.ts";

/** Values that one blob can hold. */
export const maxCount = 65_535;

const version = 1;
const headerBytes = 6;
const checksumBytes = 4;

/** Keeps every bit of every value; NaN is a gap. Throws RangeError for more than `maxCount` values. */
export function encodeValues(values: Float64Array): Buffer {
  if (values.length > maxCount) {
    throw new RangeError(
      `Cannot encode ${values.length} values: at most ${maxCount} fit in a blob`,
    );
  }
  const present = withoutGaps(values);
  const { mode, parameters, planes } = draft(present);
  if (hasBitmap(values.length, present.length)) planes.unshift(toBitmap(values));
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(version, 0);
  header.writeUInt8(mode, 1);
  header.writeUInt16LE(values.length, 2);
  header.writeUInt16LE(present.length, 4);
  const body = Buffer.concat([
    header,
    parameters,
    ...planes.flatMap(packPlane),
    Buffer.alloc(checksumBytes),
  ]);
  const end = body.length - checksumBytes;
  body.writeUInt32LE(crc32(body.subarray(0, end)), end);
  return body;
}

/** Throws a SyntaxError that says what is wrong with bytes that `encodeValues` did not make. */
export function decodeValues(bytes: Uint8Array): Float64Array {
  const body = openFrame(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const count = body.readUInt16LE(2);
  const presentCount = body.readUInt16LE(4);
  if (presentCount > count) fail(`${presentCount} of ${count} values are no gaps`);
  const reader = modeReader(body.readUInt8(1), body.subarray(headerBytes), presentCount);
  let offset = headerBytes + reader.parameterBytes;
  const readPlane = (size: number) => {
    const { plane, end } = unpackPlane(body, offset, size);
    offset = end;
    return plane;
  };
  const bitmap = hasBitmap(count, presentCount) ? readPlane(Math.ceil(count / 8)) : null;
  const present = reader.read(reader.planes.map(readPlane));
  if (offset !== body.length) fail(`${body.length - offset} bytes are left over`);
  if (bitmap !== null) return spread(present, bitmap, count);
  return presentCount === count ? present : new Float64Array(count).fill(NaN);
}

function hasBitmap(count: number, presentCount: number): boolean {
  return presentCount > 0 && presentCount < count;
}

/** What lies before the checksum. */
function openFrame(bytes: Buffer): Buffer {
  const end = bytes.length - checksumBytes;
  if (end < headerBytes) fail(`${bytes.length} bytes are too few`);
  if (bytes.readUInt8(0) !== version) {
    fail(`they are of version ${bytes.readUInt8(0)}, this program reads ${version}`);
  }
  const body = bytes.subarray(0, end);
  return bytes.readUInt32LE(end) === crc32(body) ? body : fail("the checksum is wrong");
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
  return next === present.length ? values : fail("the bits of the gaps do not fit the count");
}
