// Numbers as byte planes: the lowest byte of every number, then the next higher byte of every number, and so on. High bytes,
// which hardly change, lie side by side that way and compress to next to nothing.

const lowBytes = 4;
const lowRange = 2 ** 32;

/** Bytes that the largest of some whole numbers ≥ 0 takes; at least one. */
export function planesFor(max: number): number {
  let width = 1;
  while (max >= 2 ** (8 * width)) width++;
  return width;
}

/** `numbers` are whole, from 0 to 2^53; the result has `width` bytes for each. */
export function toPlanes(numbers: Float64Array, width: number): Uint8Array {
  const count = numbers.length;
  const planes = new Uint8Array(count * width);
  // A Uint32Array takes the lowest 32 bits of a whole number.
  const words = new Uint32Array(numbers);
  splitWords(words, planes.subarray(0, count * Math.min(width, lowBytes)));
  if (width > lowBytes) {
    for (let index = 0; index < count; index++) words[index] = (numbers[index] ?? 0) / lowRange;
    splitWords(words, planes.subarray(count * lowBytes));
  }
  return planes;
}

/** The numbers again, `planes.length / width` of them. */
export function fromPlanes(planes: Uint8Array, width: number): Float64Array {
  const count = planes.length / width;
  const numbers = new Float64Array(count);
  const words = new Uint32Array(count);
  joinWords(planes.subarray(0, count * Math.min(width, lowBytes)), words);
  for (let index = 0; index < count; index++) numbers[index] = words[index] ?? 0;
  if (width > lowBytes) {
    words.fill(0);
    joinWords(planes.subarray(count * lowBytes), words);
    for (let index = 0; index < count; index++) {
      numbers[index] = (words[index] ?? 0) * lowRange + (numbers[index] ?? 0);
    }
  }
  return numbers;
}

/** The 8 planes of the values' bits, on a little-endian machine as all of ours are. */
export function toBitPlanes(values: Float64Array): Uint8Array {
  const count = values.length;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const planes = new Uint8Array(count * 8);
  for (let plane = 0; plane < 8; plane++) {
    const start = plane * count;
    for (let index = 0; index < count; index++)
      planes[start + index] = bytes[index * 8 + plane] ?? 0;
  }
  return planes;
}

export function fromBitPlanes(planes: Uint8Array): Float64Array {
  const count = planes.length / 8;
  const bytes = new Uint8Array(planes.length);
  for (let plane = 0; plane < 8; plane++) {
    const start = plane * count;
    for (let index = 0; index < count; index++)
      bytes[index * 8 + plane] = planes[start + index] ?? 0;
  }
  return new Float64Array(bytes.buffer);
}

function splitWords(words: Uint32Array, planes: Uint8Array): void {
  const count = words.length;
  for (let start = 0, shift = 0; start < planes.length; start += count, shift += 8) {
    for (let index = 0; index < count; index++)
      planes[start + index] = (words[index] ?? 0) >>> shift;
  }
}

function joinWords(planes: Uint8Array, words: Uint32Array): void {
  const count = words.length;
  for (let start = 0, shift = 0; start < planes.length; start += count, shift += 8) {
    for (let index = 0; index < count; index++) {
      words[index] = (words[index] ?? 0) | ((planes[start + index] ?? 0) << shift);
    }
  }
}
