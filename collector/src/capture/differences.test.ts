import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLineRestorer, shrinkLines } from "./differences.ts";

const sample = (t: number, rest: string): string => `{"t":${t},"m":${t * 1000 + 1},"s":${rest}}`;

function restoreLines(text: string): string[] {
  const restore = createLineRestorer();
  return text.split("\n").map((line) => {
    const bytes = Buffer.from(line);
    return (restore(bytes, 0, bytes.length) ?? bytes).toString();
  });
}

describe("shrinkLines()", () => {
  test("shrinkLines() writes what changed since the sample before", () => {
    const lines = [
      '{"format":"perfanalysis-capture"}',
      sample(1000, "[[70,8],[0.5],null]"),
      sample(2000, "[[70,9],[0.6],null]"),
      '{"gap":{"t":5000,"missed":2}}',
      sample(5000, "[[3,9],[0.6],null]"),
      sample(6000, "[[3,10],[0.6],[1]]"),
      "",
    ];
    expect(
      shrinkLines(Buffer.from(lines.join("\n")))
        .toString()
        .split("\n"),
    ).toEqual([
      ...lines.slice(0, 2),
      "=1000,1000000,,1,'0.6",
      lines[3],
      "=3000,3000000,-67,,",
      ...lines.slice(5),
    ]);
  });

  test("shrinkLines() leaves lines alone that begin or end in another piece", () => {
    const piece = [
      '{"t":1,"missed":3}}',
      sample(1000, "[1]"),
      sample(2000, "[1]"),
      sample(3000, "[1"),
    ];
    expect(
      shrinkLines(Buffer.from(piece.join("\n")))
        .toString()
        .split("\n"),
    ).toEqual([...piece.slice(0, 2), "=1000,1000000,", piece[3]]);
  });

  test("createLineRestorer() gives every line back, whatever it holds and wherever the pieces are cut", () => {
    const number = fc.oneof(
      fc.nat(20).map(String),
      fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String),
      fc.double({ min: 0, max: 1e6, noNaN: true }).map((value) => value.toFixed(2)),
      fc.constantFrom("null", "007", "1.2.3", "-5", "1e9", "."),
    );
    const line = fc.oneof(
      { weight: 4, arbitrary: fc.array(number, { minLength: 1, maxLength: 6 }) },
      { weight: 1, arbitrary: fc.string().map((text) => [JSON.stringify(text)]) },
    );
    const lines = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: line.map((values) => `{"t":${values.join(",")}}`) },
        { weight: 1, arbitrary: fc.string().map((text) => JSON.stringify({ status: text })) },
      ),
    );
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 300 }), (written, pieceBytes) => {
        const bytes = Buffer.from(`{"format":1}\n${written.join("\n")}\n`);
        const pieces: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += pieceBytes) {
          pieces.push(shrinkLines(bytes.subarray(at, at + pieceBytes)));
        }
        const shrunk = Buffer.concat(pieces);
        expect(shrunk.length).toBeLessThanOrEqual(bytes.length);
        expect(restoreLines(shrunk.toString()).join("\n")).toBe(bytes.toString());
      }),
      { numRuns: 500 },
    );
  });
});

describe("createLineRestorer()", () => {
  test.each([
    ["=1", "before the sample"],
    [`${sample(1000, "[1]")}\n=1,2`, "not those of the sample before"],
    [`${sample(1000, "[1]")}\n=1,2,3,4`, "not those of the sample before"],
    [`${sample(1000, "[1]")}\n=,,-2`, "not those of the sample before"],
    [`${sample(1000, "[1]")}\n=,,x`, "not those of the sample before"],
    [`${sample(1000, "[1.5]")}\n=,,1`, "not those of the sample before"],
  ])("createLineRestorer() refuses %j", (text, why) => {
    expect(() => restoreLines(text)).toThrow(why);
  });

  test("createLineRestorer() takes a literal as it is, and differences beyond the digits of before", () => {
    expect(restoreLines(`${sample(999, "[9,0.5]")}\n=1,1,991,'7\n=,,,`)).toEqual([
      sample(999, "[9,0.5]"),
      '{"t":1000,"m":999002,"s":[1000,7]}',
      '{"t":1000,"m":999002,"s":[1000,7]}',
    ]);
  });
});
