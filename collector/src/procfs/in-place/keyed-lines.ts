import type { ByteText } from "./byte-text.ts";

/** Sets a value per field from `offset` on. */
export type ScalarsParser = (text: ByteText, values: Float64Array, offset: number) => boolean;

/** Makes the parser of a file of lines of a key and a number; see `parseKeyedLines`. */
export function createKeyedLinesParser(
  fields: readonly string[],
  { separator, required }: { separator: ":" | " "; required: readonly string[] },
): ScalarsParser {
  const keys = fields.map((name) => ({
    line: Buffer.from(`\n${name}${separator}`, "latin1"),
    required: required.includes(name),
  }));
  return (text, values, offset) => {
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index];
      if (key === undefined) return false;
      if (text.findLine(key.line)) {
        const value = text.readCounter();
        if (value < 0) return false;
        values[offset + index] = value;
      } else if (key.required) {
        return false;
      } else {
        values[offset + index] = Number.NaN;
      }
    }
    return true;
  };
}
