// Numbers as byte planes: the lowest byte of every number, then the next higher byte of every number, and so on. Low bytes are
// noise that is kept as it is, high bytes hardly change and compress to next to nothing; mixed they would spoil each other.
// A plane is written as u8 way, then
//   way 0: the bytes as they are · way 1: one byte, which all of them are · way 2: u16 size, and deflated bytes of that size.
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { fail } from "./fail.ts";

const lowBytes = 4;
const lowRange = 2 ** 32;

const ways = { plain: 0, same: 1, deflated: 2 } as const;
/** Mostly its Huffman table: with less to gain, a plane stays as it is. */
const deflateBytes = 40;
/** "Filtered" is for noise with an uneven distribution: smaller than zstd here, and as fast. */
const deflateOptions = { level: 5, strategy: constants.Z_FILTERED, chunkSize: 8192 };

/** Bytes that the largest of some whole numbers ≥ 0 takes; at least one. */
export function planesFor(max: number): number {
  let width = 1;
  while (max >= 2 ** (8 * width)) width++;
  return width;
}

/** `numbers` are whole, from 0 to 2^53; a plane for each of their lowest `width` bytes. */
export function toPlanes(numbers: Float64Array, width: number): Uint8Array[] {
  // A Uint32Array takes the lowest 32 bits of a whole number.
  const words = new Uint32Array(numbers);
  const planes = splitWords(words, Math.min(width, lowBytes));
  if (width <= lowBytes) return planes;
  for (let index = 0; index < words.length; index++)
    words[index] = (numbers[index] ?? 0) / lowRange;
  return [...planes, ...splitWords(words, width - lowBytes)];
}

/** The numbers again. */
export function fromPlanes(planes: readonly Uint8Array[], count: number): Float64Array {
  const [only] = planes;
  if (only !== undefined && planes.length === 1) return new Float64Array(only);
  const numbers = new Float64Array(joinWords(planes.slice(0, lowBytes), count));
  if (planes.length <= lowBytes) return numbers;
  const high = joinWords(planes.slice(lowBytes), count);
  for (let index = 0; index < count; index++) {
    numbers[index] = (high[index] ?? 0) * lowRange + (numbers[index] ?? 0);
  }
  return numbers;
}

/** The 8 planes of the values' bits, on a little-endian machine as all of ours are. */
export function toBitPlanes(values: Float64Array): Uint8Array[] {
  const count = values.length;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return Array.from({ length: 8 }, (_, at) => {
    const plane = new Uint8Array(count);
    for (let index = 0; index < count; index++) plane[index] = bytes[index * 8 + at] ?? 0;
    return plane;
  });
}

export function fromBitPlanes(planes: readonly Uint8Array[], count: number): Float64Array {
  const bytes = new Uint8Array(count * 8);
  planes.forEach((plane, at) => {
    for (let index = 0; index < count; index++) bytes[index * 8 + at] = plane[index] ?? 0;
  });
  return new Float64Array(bytes.buffer);
}

/** Of one call of estimatePlane() at a time. */
const histogram = new Uint32Array(256);

/** About how many bytes the plane takes when written: its entropy, as far as bytes do not depend on those before. */
export function estimatePlane(plane: Uint8Array): number {
  const count = plane.length;
  histogram.fill(0);
  for (let index = 0; index < count; index++) {
    const byte = plane[index] ?? 0;
    histogram[byte] = (histogram[byte] ?? 0) + 1;
  }
  let bits = count * Math.log2(count);
  for (let byte = 0; byte < 256; byte++) {
    const times = histogram[byte] ?? 0;
    if (times > 0) bits -= times * Math.log2(times);
  }
  return Math.min(count, bits < 1 ? 1 : deflateBytes + bits / 8);
}

export function packPlane(plane: Uint8Array): Uint8Array[] {
  const estimate = estimatePlane(plane);
  if (estimate === 1) return [Uint8Array.of(ways.same), plane.subarray(0, 1)];
  if (estimate < plane.length) {
    const deflated = deflateRawSync(plane, deflateOptions);
    const size = deflated.length;
    if (size + 2 < plane.length)
      return [Uint8Array.of(ways.deflated, size & 0xff, size >> 8), deflated];
  }
  return [Uint8Array.of(ways.plain), plane];
}

/** Reads a plane of `count` bytes at `offset`; `end` is where the next one begins. Throws a SyntaxError for damaged bytes. */
export function unpackPlane(
  bytes: Uint8Array,
  offset: number,
  count: number,
): { plane: Uint8Array; end: number } {
  const way = bytes[offset];
  const start = offset + 1;
  if (way === ways.plain && start + count <= bytes.length) {
    return { plane: bytes.subarray(start, start + count), end: start + count };
  }
  if (way === ways.same && start < bytes.length) {
    return { plane: new Uint8Array(count).fill(bytes[start] ?? 0), end: start + 1 };
  }
  const size = (bytes[start] ?? 0) + ((bytes[start + 1] ?? 0) << 8);
  const end = start + 2 + size;
  if (way !== ways.deflated || end > bytes.length)
    fail("a plane is cut off or written in an unknown way");
  return { plane: inflate(bytes.subarray(start + 2, end), count), end };
}

function inflate(bytes: Uint8Array, count: number): Uint8Array {
  let plane: Uint8Array;
  try {
    // One byte more than there is room for: with a full buffer zlib would ask for another. Its own 16 kB for each plane would
    // keep the garbage collector busy.
    plane = inflateRawSync(bytes, {
      maxOutputLength: Math.max(1, count),
      chunkSize: Math.max(constants.Z_MIN_CHUNK, count + 1),
    });
  } catch (cause) {
    return fail("a plane cannot be inflated", cause);
  }
  return plane.length === count ? plane : fail(`a plane has ${plane.length} bytes, not ${count}`);
}

function splitWords(words: Uint32Array, width: number): Uint8Array[] {
  return Array.from({ length: width }, (_, at) => {
    const plane = new Uint8Array(words.length);
    const shift = 8 * at;
    for (let index = 0; index < words.length; index++) plane[index] = (words[index] ?? 0) >>> shift;
    return plane;
  });
}

function joinWords(planes: readonly Uint8Array[], count: number): Uint32Array {
  const words = new Uint32Array(count);
  planes.forEach((plane, at) => {
    const shift = 8 * at;
    for (let index = 0; index < count; index++) {
      words[index] = (words[index] ?? 0) | ((plane[index] ?? 0) << shift);
    }
  });
  return words;
}
