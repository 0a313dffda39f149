import type { ByteText } from "./byte-text.ts";

const dot = 46;
const space = 32;
const zero = 48;

/** Sets load1, load5 and load15 from `offset` on. */
export function parseLoadavgInPlace(text: ByteText, values: Float64Array, offset: number): boolean {
  for (let field = 0; field < 3; field += 1) {
    const hundredths = readHundredths(text);
    if (hundredths < 0) return false;
    // Dividing whole numbers gives the double nearest to the decimal, as Number() does.
    values[offset + field] = hundredths / 100;
  }
  return true;
}

function readHundredths(text: ByteText): number {
  const { bytes, end } = text;
  let at = text.at;
  let value = 0;
  const start = at;
  while (at < end && at - start <= 12 && isDigit(bytes[at])) {
    value = value * 10 + (bytes[at] ?? 0) - zero;
    at += 1;
  }
  if (at === start || at - start > 12 || at + 3 >= end) return -1;
  if (bytes[at] !== dot || !isDigit(bytes[at + 1]) || !isDigit(bytes[at + 2])) return -1;
  if (bytes[at + 3] !== space) return -1;
  text.at = at + 4;
  return value * 100 + ((bytes[at + 1] ?? 0) - zero) * 10 + (bytes[at + 2] ?? 0) - zero;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= zero + 9;
}
