import { netDevFields } from "../net-dev.ts";
import type { ByteText } from "./byte-text.ts";
import type { ScalarsParser } from "./keyed-lines.ts";

/**
 * Makes the parser for files whose lines start as those of `text` do; rows are set for `interfaces`, in their order,
 * from `offset` on. It answers false where an interface came, went or moved.
 */
export function createNetDevParser(text: string, interfaces: readonly string[]): ScalarsParser {
  const [first = "", second = "", ...rest] = text.split("\n");
  const heading = Buffer.from(`${first}\n${second}\n`, "latin1");
  const lines = rest
    .filter((line) => line !== "")
    .map((line) => {
      const start = line.slice(0, line.indexOf(":") + 1);
      return {
        start: Buffer.from(start, "latin1"),
        row: interfaces.indexOf(start.slice(0, -1).trim()),
      };
    });
  const complete = lines.every(({ start }) => start.length > 0);
  return (bytes, values, offset) => {
    if (!bytes.skip(heading)) return false;
    for (let index = 0; index < lines.length; index += 1) {
      const line = lines[index];
      if (line === undefined || !complete || !bytes.skip(line.start)) return false;
      if (line.row >= 0 && !readColumns(bytes, values, offset + line.row * netDevFields.length)) {
        return false;
      }
      bytes.skipLine();
    }
    return bytes.atEnd;
  };
}

function readColumns(text: ByteText, values: Float64Array, offset: number): boolean {
  for (let column = 0; column < netDevFields.length; column += 1) {
    const value = text.atLineEnd ? -1 : text.readCounter();
    if (value < 0) return false;
    values[offset + column] = value;
  }
  return true;
}
