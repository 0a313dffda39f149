import * as fc from "fast-check";
import { expect } from "vitest";

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

/** Either the parser gives numbers – never NaN, infinite or negative – or a SyntaxError that names the file and a line. */
export function expectNumbersOrSyntaxError(parse: () => unknown, file: string): void {
  let result: unknown;
  try {
    result = parse();
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError);
    expect(String(error)).toContain(`Cannot parse ${file}: line `);
    return;
  }
  for (const value of listLeaves(result)) {
    if (value !== null)
      expect(value).toSatisfy((number) => Number.isFinite(number) && Number(number) >= 0);
  }
}

function listLeaves(value: unknown): unknown[] {
  if (value instanceof Map) return [...value.values()].flatMap(listLeaves);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(listLeaves);
  return [value];
}
