import * as fc from "fast-check";

/** A captured text with some of its characters replaced, left out or added: close enough to get deep into a parser. */
export function damaged(text: string): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(
      "",
      "\n",
      " ",
      ":",
      "-1",
      "NaN",
      "0x10",
      "1e9",
      "١٢",
      "\0",
      "cpu",
      "99999999999999999999999",
    ),
    fc.string({ maxLength: 8, unit: "binary" }),
  );
  const edit = fc.record({ at: fc.nat(text.length), cut: fc.nat(40), piece });
  return fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) => {
    let result = text;
    for (const { at, cut, piece: added } of edits) {
      result = result.slice(0, at) + added + result.slice(at + cut);
    }
    return result;
  });
}

/**
 * What is wrong with the parser: it must give numbers – never NaN, infinite or negative – or a SyntaxError that names the file
 * and a line. null where nothing is.
 */
export function findFault(parse: () => unknown, file: string): string | null {
  let result: unknown;
  try {
    result = parse();
  } catch (error) {
    const named =
      error instanceof SyntaxError && error.message.startsWith(`Cannot parse ${file}: line `);
    return named ? null : `it throws ${String(error)}`;
  }
  const wrong = listLeaves(result).find(
    (value) => value !== null && !(typeof value === "number" && value >= 0 && value < Infinity),
  );
  return wrong === undefined ? null : `it gives ${JSON.stringify(wrong) ?? typeof wrong}`;
}

function listLeaves(value: unknown): unknown[] {
  if (value instanceof Map) return [...value.values()].flatMap(listLeaves);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(listLeaves);
  return [value];
}
