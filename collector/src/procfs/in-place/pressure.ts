import type { ByteText } from "./byte-text.ts";

const some = Buffer.from("some avg10=");
const full = Buffer.from("full avg10=");
const total = Buffer.from(" total=");

/** Sets the totals of some and full from `offset` on; full is NaN where the kernel gives none. */
export function parsePressureInPlace(
  text: ByteText,
  values: Float64Array,
  offset: number,
): boolean {
  const someTotal = readTotal(text, some);
  if (someTotal < 0) return false;
  values[offset] = someTotal;
  if (text.atEnd) {
    values[offset + 1] = Number.NaN;
    return true;
  }
  const fullTotal = readTotal(text, full);
  if (fullTotal < 0) return false;
  values[offset + 1] = fullTotal;
  return text.atEnd;
}

/** Reads a line's total and moves behind the line; -1 where the line is another. */
function readTotal(text: ByteText, start: Buffer): number {
  const lineStart = text.at;
  if (!text.skip(start) || !text.findNext(total)) return -1;
  // The averages and the words before the total take at most this many bytes on one line.
  if (text.at - lineStart > 64 || text.bytes.indexOf(10, lineStart) < text.at) return -1;
  const value = text.readCounter();
  if (!text.atLineEnd) return -1;
  text.skipLine();
  return value;
}
