import { diskstatsFields, knownDiskColumns } from "../diskstats.ts";
import type { ByteText } from "./byte-text.ts";
import type { ScalarsParser } from "./keyed-lines.ts";

/**
 * Makes the parser for files whose lines start as those of `text` do; rows are set for `disks`, in their order, from
 * `offset` on. It answers false where a device came, went or moved.
 */
export function createDiskstatsParser(text: string, disks: readonly string[]): ScalarsParser {
  const lines = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      // Major and minor number and name stand in columns, so that a device's line always starts with the same bytes.
      const [start = "", name = ""] = /^ *\d+ +\d+ ([^ ]+) /.exec(line) ?? [];
      return { start: Buffer.from(start, "latin1"), row: disks.indexOf(name) };
    });
  const complete = lines.every(({ start }) => start.length > 0);
  return (bytes, values, offset) => {
    for (let index = 0; index < lines.length; index += 1) {
      const line = lines[index];
      if (line === undefined || !complete || !bytes.skip(line.start)) return false;
      if (
        line.row >= 0 &&
        !readColumns(bytes, values, offset + line.row * diskstatsFields.length)
      ) {
        return false;
      }
      bytes.skipLine();
    }
    return bytes.atEnd;
  };
}

function readColumns(text: ByteText, values: Float64Array, offset: number): boolean {
  let columns = 0;
  for (; columns < diskstatsFields.length && !text.atLineEnd; columns += 1) {
    const value = text.readCounter();
    if (value < 0) return false;
    values[offset + columns] = value;
  }
  const known = knownDiskColumns(columns);
  for (let at = known; at < diskstatsFields.length; at += 1) values[offset + at] = Number.NaN;
  return known > 0;
}
