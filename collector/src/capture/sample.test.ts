// A sample's way into a line and back.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLayout, noDevices, sources, type Devices, type Sample } from "../sampling/layout.ts";
import { createSampleDecoder } from "./decode.ts";
import { createSampleEncoder } from "./encode.ts";

const devices: Devices = {
  cpu: ["cpu", "cpu0", "cpu1"],
  disk: ["sda", "nvme0n1"],
  interface: ["eth0"],
  mount: ["/", "/var/lib/my\\040data"],
  container: ["4f2a6c3d9b10"],
};
const layout = createLayout(devices);

function createSample(fill: (index: number) => number): Sample {
  return {
    timeMs: 1_795_397_960_123,
    monotonicUs: 8_123_456_789,
    values: Float64Array.from({ length: layout.size }, (_, index) => fill(index)),
  };
}

function decode(line: string): Sample {
  const bytes = Buffer.from(`xx${line}yy`);
  return createSampleDecoder(sources, devices).decode(bytes, 2, bytes.length - 2);
}

describe("createSampleEncoder()", () => {
  test("createSampleEncoder() writes JSON with null for what was not measured", () => {
    const sample = createSample((index) => index);
    sample.values[7] = Number.NaN;
    const line = createSampleEncoder(layout)(sample).toString();
    expect(line.endsWith("\n")).toBe(true);
    const json = JSON.parse(line) as { t: number; m: number; s: unknown[] };
    expect(json).toMatchObject({ t: 1_795_397_960_123, m: 8_123_456_789 });
    expect(json.s).toHaveLength(sources.length);
    expect(json.s[0]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(json.s[1]).toEqual([
      [6, null, 8, 9, 10, 11, 12, 13, 14, 15],
      [16, 17, 18, 19, 20, 21, 22, 23, 24, 25],
      [26, 27, 28, 29, 30, 31, 32, 33, 34, 35],
    ]);
  });

  test("createSampleEncoder() writes null for a source of which nothing was measured", () => {
    const line = createSampleEncoder(layout)(createSample(() => Number.NaN)).toString();
    expect(line).toBe(
      `{"t":1795397960123,"m":8123456789,"s":[${sources.map(() => "null").join(",")}]}\n`,
    );
    expect(decode(line.trim()).values.every(Number.isNaN)).toBe(true);
  });

  test("createSampleDecoder() reads every line that createSampleEncoder() writes, to the same values", () => {
    const counter = fc.oneof(
      fc.constant(Number.NaN),
      fc.nat(),
      fc.maxSafeNat(),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(Number),
      fc.nat(1_000_000).map((hundredths) => hundredths / 100),
    );
    const encode = createSampleEncoder(layout);
    fc.assert(
      fc.property(
        fc.array(counter, { minLength: layout.size, maxLength: layout.size }),
        fc.maxSafeNat(),
        fc.maxSafeNat(),
        (values, timeMs, monotonicUs) => {
          const sample = { timeMs, monotonicUs, values: Float64Array.from(values) };
          expect(decode(encode(sample).toString().trim())).toEqual(sample);
        },
      ),
    );
  });
});

describe("createSampleDecoder()", () => {
  test("createSampleDecoder() leaves out sources and fields that it does not know, wherever they stand", () => {
    const decoder = createSampleDecoder(
      [
        { name: "future", per: null, fields: ["a", "b"] },
        { name: "loadavg", per: null, fields: ["load15", "tasks", "load1"] },
        { name: "cpu", per: "cpu", fields: ["idle"] },
      ],
      { ...noDevices, cpu: ["cpu"] },
    );
    const line = Buffer.from('{"t":1,"m":2,"s":[[1,2],[15.5,99,1.25],[[7]]]}');
    const { values } = decoder.decode(line, 0, line.length);
    const loadavg = decoder.layout.offsets.get("loadavg") ?? -1;
    expect([...values.subarray(loadavg, loadavg + 3)]).toEqual([1.25, Number.NaN, 15.5]);
    expect(values[(decoder.layout.offsets.get("cpu") ?? -1) + 3]).toBe(7);
    expect([...values].filter((value) => !Number.isNaN(value))).toHaveLength(3);
  });

  const whole = createSampleEncoder(layout)(createSample((index) => index))
    .toString()
    .trim();

  test.each([
    [
      "a word for a number",
      whole.replace("[0,1,2", "[0,one,2"),
      'column 43: expected a number, found "one,2,3',
    ],
    [
      "a negative number",
      whole.replace("[0,1,2", "[0,-1,2"),
      'column 43: expected a number, found "-1,2',
    ],
    ["a value too few", whole.replace("[0,1,2,", "[1,2,"), 'expected ",", found "]'],
    ["a value too many", whole.replace("[0,1,2,", "[0,0,1,2,"), 'expected "]", found ",5'],
    ["a cut", whole.slice(0, 60), "column 61: expected"],
    ["something behind", `${whole} `, "expected the end of the line"],
    ["a number that ends in a dot", whole.replace("[0,1,2", "[0.,1,2"), "expected a decimal"],
  ])("createSampleDecoder() names the column of %s", (_, line, message) => {
    expect(() => decode(line)).toThrow(SyntaxError);
    expect(() => decode(line)).toThrow(message);
  });

  test("createSampleDecoder() refuses every cut of a line, and never hangs", () => {
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => decode(whole.slice(0, length))).toThrow(SyntaxError);
    }
  });
});
