import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteText } from "../procfs/in-place/byte-text.ts";
import { damaged } from "../procfs/fuzz.ts";
import { createFolder } from "../sampling/fake-procfs.ts";
import { RawLine } from "./raw-line.ts";
import { renderRawRecord } from "./raw-format.ts";
import { readCapture } from "./read.ts";

const azure = readFileSync(
  join(import.meta.dirname, "fixtures/azure-ubuntu/collection.json"),
  "utf8",
);

/** What is read in place; null where that is left to JSON.parse. */
function readInPlace(line: string): [timestampS: number, name: string | null, text: string] | null {
  const raw = new RawLine(["/proc/stat", "/proc/meminfo"]);
  const text = new ByteText(16);
  const bytes = Buffer.from(`${line}\n`);
  if (!raw.read(bytes, 0, bytes.length - 1) || !raw.copyMeasurement(text)) return null;
  return [raw.timestampS, raw.findName(), text.toString()];
}

describe("RawLine", () => {
  test("RawLine takes a line apart as it is written", () => {
    const line = renderRawRecord({
      timestampS: 1_767_813_011,
      subsystem: "/proc/meminfo",
      measurement: 'MemTotal:\t 1 kB\n"quoted" \\ back\n',
    });
    expect(readInPlace(line.trimEnd())).toEqual([
      1_767_813_011,
      "/proc/meminfo",
      'MemTotal:\t 1 kB\n"quoted" \\ back\n',
    ]);
  });

  test.each([
    '{"timestamp": 1,"subsystem":"/proc/stat","measurement":"a\\n"}',
    '{"subsystem":"/proc/stat","timestamp":1,"measurement":"a\\n"}',
    '{"timestamp":1.5,"subsystem":"/proc/stat","measurement":"a\\n"}',
    '{"timestamp":01,"subsystem":"/proc/stat","measurement":"a\\n"}',
    '{"timestamp":1,"subsystem":"/proc/stat","measurement":"\\u0061\\n"}',
    '{"timestamp":1,"subsystem":"/proc/stat","measurement":"ä\\n"}',
    '{"timestamp":1,"subsystem":"/proc/stat","measurement":"a"b\\n"}',
    '{"timestamp":1,"subsystem":"/proc/stat","measurement":"a\tb\\n"}',
    '{"timestamp":1,"subsystem":"/proc/stat","measurement":"a\\n\\"}',
    '{"timestamp":1,"subsystem":"/proc/stat","measurement":"a"}',
    '{"timestamp":1,"subsystem":"/proc/stat","measurement":"',
    '{"timestamp":1,"subsystem":"/proc/stat"}',
  ])("RawLine leaves %s to JSON.parse", (line) => {
    expect(readInPlace(line)).toBeNull();
  });

  test("RawLine reads what JSON.parse reads, or nothing", () => {
    const line = renderRawRecord({
      timestampS: 12,
      subsystem: "/proc/stat",
      measurement: 'cpu 1 2\n"\\\n',
    }).trimEnd();
    fc.assert(
      fc.property(damaged(line), (text) => {
        expect(findDifference(text.replaceAll("\n", " "))).toBeNull();
      }),
      { numRuns: 3000 },
    );
  });
});

/** What is read in place otherwise than by JSON.parse; null where nothing is, or where the line is left to that. */
function findDifference(line: string): string | null {
  const found = readInPlace(line);
  if (found === null || found[1] === null) return null;
  const [timestampS, subsystem, measurement] = found;
  const json: unknown = JSON.parse(line);
  const same = isDeepStrictEqual(json, { timestamp: timestampS, subsystem, measurement });
  return same ? null : JSON.stringify(json);
}

interface Seen {
  samples: [number, ...(number | null)[]][];
  damage: string[];
}

async function read(content: string): Promise<Seen> {
  const path = join(createFolder(), "collection.json");
  writeFileSync(path, content);
  const samples: Seen["samples"] = [];
  const { damage } = await readCapture(path, {
    name: "x",
    skipDamaged: true,
    visitor: {
      run: () => {},
      layout: () => {},
      sample: ({ timeMs, values }) =>
        samples.push([timeMs, ...Array.from(values, (value) => (value >= 0 ? value : null))]),
    },
  });
  return { samples, damage };
}

/** The same lines, written so that none is read in place. */
function respace(content: string): string {
  return content.replaceAll('{"timestamp":', '{"timestamp": ');
}

describe("readCapture() of perfcollector2's format in place", () => {
  test("readCapture() reads the same in place as line by line", async () => {
    const seen = await read(azure);
    expect(seen.samples.length).toBeGreaterThan(1);
    expect(await read(respace(azure))).toEqual(seen);
  });

  test("readCapture() reads the same in place as line by line, whatever is damaged", async () => {
    const lines = azure.trimEnd().split("\n").slice(0, 20);
    await fc.assert(
      // By the first line the format is recognised.
      fc.asyncProperty(
        fc.integer({ min: 1, max: lines.length - 1 }),
        fc.nat(1000),
        async (at, seed) => {
          const [text = ""] = fc.sample(damaged(lines[at] ?? ""), { seed, numRuns: 1 });
          const content = `${lines.with(at, text.replaceAll("\n", " ")).join("\n")}\n`;
          const [inPlace, plain] = [await read(content), await read(respace(content))];
          // Lines of devices that nobody wants are not looked at in place: damage in them is none.
          const unseen = plain.damage.length - inPlace.damage.length;
          expect(unseen === 1 || isDeepStrictEqual(inPlace.samples, plain.samples)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("readCapture() gives a device that came in between its values, and keeps those of others in its second", async () => {
    const lines = azure.trimEnd().split("\n");
    const disks = lines.map((line, index) =>
      index > 8 ? line.replace(/(\\n +\d+ +\d+) (sda) ([^\\]*)/, "$1 $2 $3$1 sdx $3") : line,
    );
    const content = `${disks.join("\n")}\n`;
    expect(content).toContain(" sdx ");
    expect(await read(content)).toEqual(await read(respace(content)));
  });
});
