import { crc32 } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeValues, encodeValues, maxCount } from "./codec.ts";

const gap = fc.constant(NaN);
const shortDecimal = fc
  .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.integer({ min: 0, max: 9 }))
  .map(([integer, decimals]) => integer / 10 ** decimals);
const integer = fc.maxSafeInteger();
const quotient = fc
  .tuple(fc.nat({ max: 5000 }), fc.integer({ min: 1, max: 1003 }))
  .map(([count, total]) => (100 * count) / total);
const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true });
const awkward = fc.constantFrom(
  0,
  -0,
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  Number.MAX_VALUE,
  2 ** 51,
  2 ** 51 + 1,
  -(2 ** 51),
  2 ** 53,
  2 ** 53 - 1,
  -(2 ** 53),
  0.1 + 0.2,
  1e-9,
  1e300,
);

/** Columns of one kind of value each, as real ones are, and a mixture of all. */
const column = fc
  .constantFrom(shortDecimal, integer, quotient, anyDouble, awkward, fc.nat({ max: 3 }))
  .chain((kind) =>
    fc.array(
      fc.oneof(
        { weight: 8, arbitrary: kind },
        { weight: 1, arbitrary: gap },
        { weight: 1, arbitrary: fc.oneof(awkward, anyDouble) },
      ),
      { maxLength: 300, size: "max" },
    ),
  )
  .map((values) => Float64Array.from(values));

/** All bits, so that 0 and -0 differ. */
function bits(values: Float64Array): string {
  return Buffer.from(values.slice().buffer).toString("hex");
}

function roundTrip(values: Float64Array): Float64Array {
  return decodeValues(encodeValues(values));
}

function hourBytes(value: (second: number) => number): number {
  return encodeValues(Float64Array.from({ length: 3600 }, (_, second) => value(second))).length;
}

function setByte(offset: number, value: number): (copy: Buffer) => Buffer {
  return (copy) => {
    copy[offset] = value;
    return copy;
  };
}

function withChecksum(body: Buffer): Buffer {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(body));
  return Buffer.concat([body, checksum]);
}

/** How many values came out, or what was thrown. */
function outcome(bytes: Buffer): unknown {
  try {
    return decodeValues(bytes).length;
  } catch (error) {
    return error;
  }
}

describe("decodeValues() gives back", () => {
  test("every bit of any values and gaps that encodeValues() took", () => {
    fc.assert(
      fc.property(column, (values) => {
        expect(bits(roundTrip(values))).toBe(bits(values));
      }),
      { numRuns: 1000 },
    );
  });

  test("values of one kind, which the compact modes hold", () => {
    const kinds = [shortDecimal, integer, quotient, fc.constantFrom(1.5, -2.25, 1 / 3)];
    for (const kind of kinds) {
      fc.assert(
        fc.property(fc.array(kind, { maxLength: 400, size: "max" }), (values) => {
          const typed = Float64Array.from(values);
          expect(bits(roundTrip(typed))).toBe(bits(typed));
        }),
        { numRuns: 200 },
      );
    }
  });

  test("a view into a larger array", () => {
    const values = Float64Array.from({ length: 100 }, (_, index) => index / 3);
    expect(roundTrip(values.subarray(7, 90))).toEqual(values.slice(7, 90));
  });

  test("nothing, gaps alone, and as many values as fit", () => {
    for (const values of [
      new Float64Array(),
      new Float64Array(3600).fill(NaN),
      Float64Array.from({ length: maxCount }, (_, index) => Math.sqrt(index)),
      Float64Array.from({ length: maxCount }, (_, index) => (index % 3 === 0 ? NaN : index)),
    ]) {
      expect(roundTrip(values)).toEqual(values);
    }
  });
});

describe("encodeValues() is small", () => {
  test("for a constant, with gaps too", () => {
    expect(hourBytes(() => 16_777_216_000)).toBeLessThan(20);
    expect(hourBytes((second) => (second === 1000 ? NaN : 0.1 + 0.2))).toBeLessThan(60);
  });

  test("for a counter of seconds", () => {
    expect(hourBytes((second) => second)).toBeLessThan(60);
  });

  test("for quotients of which there are few different ones, as CPU time in ticks", () => {
    expect(hourBytes((second) => (100 * ((second * 7919) % 40)) / 199)).toBeLessThan(3600);
  });

  test("for steps of two decimals", () => {
    expect(hourBytes((second) => (12_34 + ((second * 7919) % 13)) / 100)).toBeLessThan(3600 * 0.7);
  });
});

test("encodeValues() refuses more values than a blob can hold", () => {
  expect(() => encodeValues(new Float64Array(maxCount + 1))).toThrow(
    new RangeError("Cannot encode 65536 values: at most 65535 fit in a blob"),
  );
});

describe("decodeValues() refuses", () => {
  const bytes = encodeValues(
    Float64Array.from({ length: 500 }, (_, index) => (index % 50 === 0 ? NaN : index * index)),
  );

  /** The same with a right checksum, so that what lies behind it is tested. */
  function forge(change: (copy: Buffer) => Buffer): Buffer {
    return withChecksum(change(Buffer.from(bytes.subarray(0, -4))));
  }

  test("any flipped bit", () => {
    fc.assert(
      fc.property(fc.nat({ max: bytes.length * 8 - 1 }), (bit) => {
        const copy = Buffer.from(bytes);
        copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => decodeValues(copy)).toThrow(/^Cannot decode samples: /);
      }),
    );
  });

  test("any shorter blob", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeValues(bytes.subarray(0, length))).toThrow(SyntaxError);
    }
  });

  test("another version, naming it", () => {
    const copy = Buffer.from(bytes);
    copy[0] = 9;
    expect(() => decodeValues(copy)).toThrow(
      "Cannot decode samples: they are of version 9, this program reads 1",
    );
  });

  test("a mode, a count or a payload that makes no sense, whatever the checksum says", () => {
    expect(() => decodeValues(forge(setByte(1, 77)))).toThrow("mode 77 is unknown");
    expect(() => decodeValues(forge(setByte(5, 255)))).toThrow("values are no gaps");
    expect(() => decodeValues(forge(setByte(6, 200)))).toThrow("the parameters are out of range");
    expect(() => decodeValues(forge(setByte(7, 6)))).toThrow("a plane is cut off");
    expect(() => decodeValues(forge(setByte(7, 1)))).toThrow(/\d+ bytes are left over/);
    expect(() => decodeValues(forge((copy) => copy.subarray(0, 12)))).toThrow("are cut off");
    expect(() => decodeValues(forge((copy) => copy.fill(0xff, 40)))).toThrow(SyntaxError);
  });

  test("any forged bytes without hanging or taking much memory", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 64 }), (rest) => {
        const body = Buffer.concat([Buffer.from([1, (rest[0] ?? 0) % 7]), rest]);
        const result = outcome(withChecksum(body));
        expect(result instanceof SyntaxError || Number(result) <= maxCount).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
