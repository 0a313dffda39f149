// The hot path's parsers and the plain ones must say the same of every text that the hot path claims to understand.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLayout, noDevices, type Layout } from "../../sampling/layout.ts";
import { createFileParsers } from "../../sampling/file-parsers.ts";
import {
  fillValues,
  kernelFiles,
  listKernelFiles,
  type KernelFile,
} from "../../sampling/readings.ts";
import { listDevices } from "../../sampling/devices.ts";
import { listFixtures, readFixture } from "../fixtures.ts";
import { damaged } from "../fuzz.ts";
import { ByteText, textStart } from "./byte-text.ts";

const captured = listKernelFiles().flatMap((file) =>
  listFixtures(file).map(({ machine, text }) => ({ file, machine, text })),
);

function toByteText(text: string, leftover = ""): ByteText {
  const bytes = Buffer.from(text, "latin1");
  const result = new ByteText(bytes.length + leftover.length + textStart);
  bytes.copy(result.bytes, textStart);
  // What an earlier, longer text left behind must not be read.
  result.bytes.write(leftover, textStart + bytes.length, "latin1");
  result.reset(textStart + bytes.length);
  return result;
}

function layoutOf(file: KernelFile, text: string): Layout {
  return createLayout(listDevices(kernelFiles[file](text), noDevices));
}

function parsePlainly(file: KernelFile, text: string, layout: Layout): Float64Array {
  const values = new Float64Array(layout.size).fill(Number.NaN);
  for (const reading of kernelFiles[file](text)) fillValues(values, layout, reading);
  return values;
}

/** null where the text is not understood in place. */
function parseInPlace(
  file: KernelFile,
  {
    text,
    known,
    layout,
    leftover = "",
  }: { text: string; known: string; layout: Layout; leftover?: string },
): Float64Array | null {
  const values = new Float64Array(layout.size).fill(Number.NaN);
  const parse = createFileParsers(layout, new Map([[file, known]])).get(file);
  return parse?.(toByteText(text, leftover), values) === true ? values : null;
}

describe.each(captured)("the parser in place of $file ($machine)", ({ file, text }) => {
  const layout = layoutOf(file, text);

  test("understands the captured text and gives the plain parser's values", () => {
    const values = parseInPlace(file, { text, known: text, layout });
    expect(values).not.toBeNull();
    expect(values).toEqual(parsePlainly(file, text, layout));
  });

  test("does not read what a longer text left in the buffer", () => {
    const values = parseInPlace(file, { text, known: text, layout, leftover: text });
    expect(values).toEqual(parsePlainly(file, text, layout));
  });

  test("gives the plain parser's values for the same file with other numbers", () => {
    // All but the names: a number stands behind white space, a colon or an equals sign.
    const pattern = /(?<=[ :=])\d+(?=[ \n])/g;
    const count = text.match(pattern)?.length ?? 0;
    fc.assert(
      fc.property(
        // More than 15 digits are left to the plain parser.
        fc.array(fc.nat({ max: 1e15 - 1 }), { minLength: count, maxLength: count }),
        (numbers) => {
          let index = 0;
          const other = text.replaceAll(pattern, () => String(numbers[index++]));
          const otherLayout = layoutOf(file, other);
          const values = parseInPlace(file, { text: other, known: other, layout: otherLayout });
          expect(values).toEqual(parsePlainly(file, other, otherLayout));
        },
      ),
      { numRuns: 30 },
    );
  });

  test("leaves to the plain parser, or agrees with it on, any damaged text", () => {
    fc.assert(
      fc.property(damaged(text), (characters) => {
        // Kernel texts are bytes.
        const other = Buffer.from(characters, "latin1").toString("latin1");
        const values = parseInPlace(file, { text: other, known: text, layout });
        const agrees = values === null || isSame(values, parsePlainly(file, other, layout));
        expect(agrees).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

function isSame(left: Float64Array, right: Float64Array): boolean {
  return left.length === right.length && left.every((value, at) => Object.is(value, right[at]));
}

test.each<[KernelFile, string, (text: string) => string]>([
  ["diskstats", "a disk that is gone", (text) => text.replace(/^.* sda .*\n/m, "")],
  ["diskstats", "a disk with another name", (text) => text.replace(" sda ", " sdx ")],
  ["diskstats", "a disk that came", (text) => `${text}   8      80 sdf 1 2 3 4 5 6 7 8 9 10 11\n`],
  ["stat", "a CPU that is gone", (text) => text.replace(/^cpu0 .*\n/m, "")],
  ["stat", "a CPU that came", (text) => text.replace("intr ", "cpu9 1 2 3 4 5 6 7 8 9 10\nintr ")],
  ["net/dev", "an interface that is gone", (text) => text.replace(/^ *eth0:.*\n/m, "")],
  ["net/snmp", "a counter that came", (text) => text.replace(/^(Udp: In.*)$/m, "$1 New")],
  [
    "net/snmp",
    "a kind of ICMP message that came",
    (text) => text.replace(/InType3/, "InType0 InType3"),
  ],
  [
    "net/dev",
    "an interface that came",
    (text) => `${text}  eth9: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n`,
  ],
])("the parser in place of %s leaves %s to the plain parser", (file, _, change) => {
  const text = readFixture(
    `${file === "net/snmp" ? "linux-6.18" : "azure-ubuntu"}/${file.replace("/", "-")}`,
  );
  const other = change(text);
  expect(other).not.toBe(text);
  expect(parseInPlace(file, { text: other, known: text, layout: layoutOf(file, text) })).toBeNull();
});
