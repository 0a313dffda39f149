// The ways in which a blob holds its numbers.
import { maxDecimals, toFixedPoint, type FixedPoint } from "./fixed-point.ts";
import { fromBitPlanes, fromPlanes, planesFor, toBitPlanes, toPlanes } from "./planes.ts";

/** Modes and their parameters. */
export const modes = {
  /** Nothing but gaps. */
  empty: 0,
  /** f64 value. No planes: each value is that one. */
  constant: 1,
  /** u8 decimals, u8 width, f64 base: value = (base + number) ÷ 10^decimals. */
  offset: 2,
  /** u8 decimals, u8 width, f64 base: each number is the step from the integer before, its sign in the lowest bit. */
  delta: 3,
  /** u16 size: 8 planes of the distinct values in ascending order, then 1 or 2 of each value's place among them. */
  dictionary: 4,
  /** 8 planes of the values' bits. */
  doubles: 5,
} as const;

/** A wider range of integers than this makes a dictionary worth a try. */
const wideRange = 65_536;
/** A dictionary pays where a value comes up this often. */
const repeats = 3;

/** Values, none of which is a gap, in one of the modes. */
export interface Draft {
  mode: number;
  parameters: Uint8Array;
  planes: Uint8Array;
}

const none = new Uint8Array();

/** The modes that are worth a try for these values; the smallest when compressed is the one to take. At least one. */
export function draft(values: Float64Array): Draft[] {
  const [first] = values;
  if (first === undefined) return [{ mode: modes.empty, parameters: none, planes: none }];
  if (isConstant(values, first)) {
    const parameters = Buffer.alloc(8);
    parameters.writeDoubleLE(first);
    return [{ mode: modes.constant, parameters, planes: none }];
  }
  const fixedPoint = toFixedPoint(values);
  const drafts = fixedPoint === null ? [doubles(values)] : [offset(fixedPoint), delta(fixedPoint)];
  if (fixedPoint === null || fixedPoint.max - fixedPoint.min >= wideRange) {
    const other = dictionary(values);
    if (other !== null) drafts.push(other);
  }
  return drafts;
}

/** The same bits throughout: 0 and -0 differ. */
function isConstant(values: Float64Array, first: number): boolean {
  for (let index = 1; index < values.length; index++) {
    if (!Object.is(values[index], first)) return false;
  }
  return true;
}

function offset({ decimals, integers, min, max }: FixedPoint): Draft {
  const numbers = new Float64Array(integers.length);
  for (let index = 0; index < integers.length; index++) {
    numbers[index] = (integers[index] ?? NaN) - min;
  }
  return scaled(modes.offset, { decimals, base: min, numbers, max: max - min });
}

function delta({ decimals, integers }: FixedPoint): Draft {
  const numbers = new Float64Array(integers.length);
  const base = integers[0] ?? NaN;
  let before = base;
  let max = 0;
  for (let index = 0; index < integers.length; index++) {
    const integer = integers[index] ?? NaN;
    const step = integer - before;
    const number = step < 0 ? -2 * step - 1 : 2 * step;
    if (number > max) max = number;
    numbers[index] = number;
    before = integer;
  }
  return scaled(modes.delta, { decimals, base, numbers, max });
}

function scaled(
  mode: number,
  {
    decimals,
    base,
    numbers,
    max,
  }: { decimals: number; base: number; numbers: Float64Array; max: number },
): Draft {
  const width = planesFor(max);
  const parameters = Buffer.alloc(10);
  parameters.writeUInt8(decimals, 0);
  parameters.writeUInt8(width, 1);
  parameters.writeDoubleLE(base, 2);
  return { mode, parameters, planes: toPlanes(numbers, width) };
}

function dictionary(values: Float64Array): Draft | null {
  const distinct = new Set<number>();
  const most = values.length / repeats;
  for (const value of values) {
    // A Map takes -0 for 0.
    if (Object.is(value, -0)) return null;
    distinct.add(value);
    if (distinct.size > most) return null;
  }
  const sorted = Float64Array.from(distinct).toSorted();
  const places = new Map<number, number>();
  for (const value of sorted) places.set(value, places.size);
  const numbers = values.map((value) => places.get(value) ?? NaN);
  const parameters = Buffer.alloc(2);
  parameters.writeUInt16LE(sorted.length);
  const planes = Buffer.concat([
    toBitPlanes(sorted),
    toPlanes(numbers, planesFor(sorted.length - 1)),
  ]);
  return { mode: modes.dictionary, parameters, planes };
}

function doubles(values: Float64Array): Draft {
  return { mode: modes.doubles, parameters: none, planes: toBitPlanes(values) };
}

/** What reads the planes of a blob whose header has been read. */
export interface ModeReader {
  parameterBytes: number;
  planeBytes: number;
  read: (planes: Uint8Array) => Float64Array;
}

/** `parameters` may have more bytes behind it. Throws a SyntaxError where they make no sense. */
export function modeReader(mode: number, parameters: Buffer, count: number): ModeReader {
  const need = (size: number) => {
    if (parameters.length < size) fail("the parameters are cut off");
  };
  switch (mode) {
    case modes.empty:
      return { parameterBytes: 0, planeBytes: 0, read: () => new Float64Array(count) };
    case modes.constant: {
      need(8);
      const value = parameters.readDoubleLE(0);
      return {
        parameterBytes: 8,
        planeBytes: 0,
        read: () => new Float64Array(count).fill(value),
      };
    }
    case modes.offset:
    case modes.delta: {
      need(10);
      const decimals = parameters.readUInt8(0);
      const width = parameters.readUInt8(1);
      const base = parameters.readDoubleLE(2);
      if (decimals > maxDecimals || width < 1 || width > 7) fail("the parameters are out of range");
      const divide = mode === modes.offset ? readOffset : readDelta;
      return {
        parameterBytes: 10,
        planeBytes: count * width,
        read: (planes) => divide(fromPlanes(planes, width), base, 10 ** decimals),
      };
    }
    case modes.dictionary: {
      need(2);
      const size = parameters.readUInt16LE(0);
      const width = planesFor(size - 1);
      return {
        parameterBytes: 2,
        planeBytes: size * 8 + count * width,
        read: (planes) =>
          readDictionary(
            fromBitPlanes(planes.subarray(0, size * 8)),
            fromPlanes(planes.subarray(size * 8), width),
          ),
      };
    }
    case modes.doubles:
      return { parameterBytes: 0, planeBytes: count * 8, read: fromBitPlanes };
    default:
      return fail(`mode ${mode} is unknown`);
  }
}

/** In place. */
function readOffset(numbers: Float64Array, base: number, scale: number): Float64Array {
  for (let index = 0; index < numbers.length; index++) {
    numbers[index] = ((numbers[index] ?? NaN) + base) / scale;
  }
  return numbers;
}

/** In place. */
function readDelta(numbers: Float64Array, base: number, scale: number): Float64Array {
  let integer = base;
  for (let index = 0; index < numbers.length; index++) {
    const number = numbers[index] ?? NaN;
    // Halves are exact, and so is the remainder, for whole numbers up to 2^53.
    integer += number % 2 === 0 ? number / 2 : -(number + 1) / 2;
    numbers[index] = integer / scale;
  }
  return numbers;
}

/** In place of the places. */
function readDictionary(distinct: Float64Array, places: Float64Array): Float64Array {
  for (let index = 0; index < places.length; index++) {
    const value = distinct[places[index] ?? NaN];
    if (value === undefined) fail("a place is not in the dictionary");
    places[index] = value;
  }
  return places;
}

export function fail(why: string, cause?: unknown): never {
  throw new SyntaxError(`Cannot decode samples: ${why}`, { cause });
}
