import type { PairedField } from "../paired-lines.ts";
import type { ByteText } from "./byte-text.ts";
import type { ScalarsParser } from "./keyed-lines.ts";

/** What follows the names of one protocol: for each of its values up to the last that is wanted, where it goes or -1. */
interface Pair {
  /** The line of names, and the protocol at the start of the line of values. */
  start: Buffer;
  targets: Int32Array;
}

/**
 * Makes the parser for files whose counters are named as in `text`; a value per field is set from `offset` on. It answers false
 * where any name is another: kernels add some, and the lines of ICMP grow with the types of messages that were seen.
 */
export function createPairedLinesParser(
  text: string,
  fields: readonly PairedField[],
): ScalarsParser {
  const pairs = readPairs(text, fields);
  const named = new Set(pairs.flatMap(({ targets }) => Array.from(targets)));
  const missing = Int32Array.from(fields.keys()).filter((target) => !named.has(target));
  return (bytes, values, offset) => {
    // No text was known yet.
    if (pairs.length === 0) return false;
    for (let index = 0; index < pairs.length; index += 1) {
      const pair = pairs[index];
      if (pair === undefined || !bytes.skip(pair.start)) return false;
      if (!readValues(bytes, pair.targets, values, offset)) return false;
      bytes.skipLine();
    }
    for (let index = 0; index < missing.length; index += 1) {
      values[offset + (missing[index] ?? 0)] = Number.NaN;
    }
    return bytes.atEnd;
  };
}

/** The text is one that the plain parser has read, or empty. */
function readPairs(text: string, fields: readonly PairedField[]): Pair[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const seen = new Set<string>();
  const pairs: Pair[] = [];
  for (let index = 0; index < lines.length; index += 2) {
    const names = lines[index] ?? "";
    const protocol = names.slice(0, names.indexOf(":"));
    const targets = names
      .slice(protocol.length + 1)
      .split(" ")
      .filter((word) => word !== "")
      .map((name, at, all) =>
        seen.has(protocol) || all.indexOf(name) !== at
          ? -1
          : fields.findIndex((field) => field[0] === protocol && field[1] === name),
      );
    const last = targets.findLastIndex((target) => target >= 0);
    seen.add(protocol);
    pairs.push({
      start: Buffer.from(`${names}\n${protocol}:`, "latin1"),
      targets: Int32Array.from(targets.slice(0, last + 1)),
    });
  }
  return pairs;
}

function readValues(
  text: ByteText,
  targets: Int32Array,
  values: Float64Array,
  offset: number,
): boolean {
  for (let column = 0; column < targets.length; column += 1) {
    const target = targets[column] ?? -1;
    if (target < 0) {
      text.skipWord();
      continue;
    }
    const value = text.atLineEnd ? -1 : text.readCounter();
    if (value < 0) return false;
    values[offset + target] = value;
  }
  return true;
}
