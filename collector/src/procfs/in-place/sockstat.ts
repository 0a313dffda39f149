import type { ByteText } from "./byte-text.ts";

/** What stands before each value, line by line; the rest of a line is left alone. */
const lines = [["sockets: used "], ["TCP: inuse ", " orphan ", " tw "], ["UDP: inuse "]].map(
  (words) => words.map((word) => Buffer.from(word)),
);

/** Sets a value per field of sockstat from `offset` on. */
export function parseSockstatInPlace(
  text: ByteText,
  values: Float64Array,
  offset: number,
): boolean {
  let at = offset;
  for (let index = 0; index < lines.length; index += 1) {
    const words = lines[index];
    if (words === undefined) return false;
    for (let word = 0; word < words.length; word += 1) {
      const before = words[word];
      if (before === undefined || !text.skip(before)) return false;
      const value = text.readCounter();
      if (value < 0) return false;
      values[at] = value;
      at += 1;
    }
    text.skipLine();
  }
  return true;
}
