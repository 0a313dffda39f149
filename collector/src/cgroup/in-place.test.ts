// The hot path's parsers and the plain ones must say the same of every text that the hot path claims to understand.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { damaged } from "../procfs/fuzz.ts";
import { ByteText, textStart } from "../procfs/in-place/byte-text.ts";
import { BlockDevices } from "./block-devices.ts";
import { createContainerFiles, type ContainerFile } from "./container-files.ts";
import { cgroups, readCgroupFixture } from "./fixtures.ts";

const files = createContainerFiles(new BlockDevices("/nonexistent"));
const captured = files
  .filter((file) => file.parseInPlace !== null)
  .flatMap((file) =>
    cgroups.map((cgroup) => ({
      file,
      name: file.name,
      cgroup,
      text: readCgroupFixture(`${cgroup}/${file.name}`),
    })),
  );

function parsePlainly(file: ContainerFile, text: string): number[] {
  const parsed = file.parse(text);
  return file.fields.map((field) => parsed[field] ?? Number.NaN);
}

/** null where the text is not understood in place. */
function parseInPlace(file: ContainerFile, text: string, leftover = ""): number[] | null {
  const bytes = Buffer.from(text, "latin1");
  const byteText = new ByteText(bytes.length + leftover.length + textStart);
  bytes.copy(byteText.bytes, textStart);
  byteText.bytes.write(leftover, textStart + bytes.length, "latin1");
  byteText.reset(textStart + bytes.length);
  const values = new Float64Array(file.first + file.fields.length).fill(Number.NaN);
  const understood = file.parseInPlace?.(byteText, values, file.first) === true;
  return understood ? [...values.subarray(file.first)] : null;
}

describe.each(captured)("the parser in place of $name ($cgroup)", ({ file, cgroup, text }) => {
  test("understands the text and gives the plain parser's values", () => {
    // Lines that a kernel did not end are rare enough to be left to the plain parser.
    const odd = file.name === "io.stat" && cgroup === "unlimited";
    expect(parseInPlace(file, text)).toEqual(odd ? null : parsePlainly(file, text));
  });

  test("does not read what a longer text left in the buffer", () => {
    const values = parseInPlace(file, text, text);
    expect(values ?? parsePlainly(file, text)).toEqual(parsePlainly(file, text));
  });

  test("leaves to the plain parser, or agrees with it on, any damaged text", () => {
    fc.assert(
      fc.property(damaged(text), (characters) => {
        const other = Buffer.from(characters, "latin1").toString("latin1");
        const values = parseInPlace(file, other);
        expect(values).toEqual(values === null ? null : parsePlainly(file, other));
      }),
      { numRuns: 500 },
    );
  });
});

test("the parser in place of io.stat leaves lines that do not end, and a device that stands twice, to the plain parser", () => {
  const file = files.find(({ name }) => name === "io.stat");
  if (file === undefined) throw new RangeError("There is no io.stat");
  const line = "8:0 rbytes=1 wbytes=2 rios=3 wios=4\n";
  expect(parseInPlace(file, line)).toEqual([1, 2, 3, 4]);
  expect(parseInPlace(file, `${line}${line}`)).toBeNull();
  expect(parseInPlace(file, `7:0 ${line}`)).toBeNull();
});

test("the parser in place of io.stat gives zeros for an empty file", () => {
  const file = files.find(({ name }) => name === "io.stat");
  expect(file === undefined ? null : parseInPlace(file, "")).toEqual([0, 0, 0, 0]);
});
