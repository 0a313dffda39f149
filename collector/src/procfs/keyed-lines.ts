import { malformed, parseCounter, splitWords, type Field } from "./number.ts";

export interface KeyedLinesShape<Name extends string> {
  /** For messages. */
  file: string;
  fields: readonly Name[];
  /** What stands between a key and its value. */
  separator: ":" | " ";
  /** Fields without which the text is not that file. Others are null where they are missing. */
  required: readonly Name[];
}

/**
 * Reads the named fields from lines of a key and a number. Lines with other keys are left alone: kernels add some in
 * every version. Where a key stands twice, the first holds.
 * @throws SyntaxError naming file, line and value where a value is no whole number or a required field is missing.
 */
export function parseKeyedLines<Name extends string>(
  text: string,
  { file, fields, separator, required }: KeyedLinesShape<Name>,
): Record<Name, Field> {
  const wanted = new Set<string>(fields);
  const found = new Map<string, number>();
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    const at = line.indexOf(separator);
    const key = line.slice(0, Math.max(at, 0));
    if (!wanted.has(key) || found.has(key)) continue;
    const words = splitWords(line.slice(at + 1));
    found.set(key, parseCounter(words[0], key, { file, line: index + 1 }));
  }
  for (const name of required) {
    if (!found.has(name)) {
      throw malformed({ file, line: lines.length }, `the text ends without ${name}`);
    }
  }
  // The entries are made from `fields`, which are all the names.
  return Object.fromEntries(fields.map((name) => [name, found.get(name) ?? null])) as Record<
    Name,
    Field
  >;
}
