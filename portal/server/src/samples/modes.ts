// The ways in which a blob holds its numbers.
import { fail } from "./fail.ts";
import { maxDecimals, toFixedPoint, type FixedPoint } from "./fixed-point.ts";
import {
  estimatePlane,
  fromBitPlanes,
  fromPlanes,
  planesFor,
  toBitPlanes,
  toPlanes,
} from "./planes.ts";

/** Modes and their parameters, little-endian. */
export const modes = {
  /** Nothing but gaps. No parameters, no planes. */
  empty: 0,
  /** f64 value. No planes: each value is that one. */
  constant: 1,
  /** u8 decimals, u8 width, f64 base, f64 unit: value = (base + number · unit) ÷ 10^decimals. */
  offset: 2,
  /** u8 decimals, u8 width, f64 base, f64 unit: the same, each number given as the step from the one before, 0 before the first, with the sign in the lowest bit. */
  delta: 3,
  /**
   * u16 size, u8 mode, that mode's parameters: in that mode the distinct values in ascending order, then 1 or 2 planes of each
   * value's place among them.
   */
  dictionary: 4,
  /** 8 planes of the values' bits. */
  doubles: 5,
} as const;

/** Values, none of which is a gap, in one of the modes. */
export interface Draft {
  mode: number;
  parameters: Uint8Array;
  planes: Uint8Array[];
}

/** What reads the planes of a blob whose parameters have been read. */
export interface ModeReader {
  parameterBytes: number;
  /** Bytes of each plane. */
  planes: number[];
  read: (planes: Uint8Array[]) => Float64Array;
}

/** A wider range than this makes a dictionary worth a look. */
const wideRange = 256;
/** A dictionary pays where a value comes up this often. */
const repeats = 3;
/** Steps of which a table is made. */
const maxTable = 65_536;
/** Values at the beginning that must repeat already. */
const probe = 256;
const none = new Uint8Array();

/** The values in the mode that makes them smallest, as far as can be estimated. */
export function draft(values: Float64Array): Draft {
  const [first] = values;
  if (first === undefined) return { mode: modes.empty, parameters: none, planes: [] };
  if (isConstant(values, first)) {
    const parameters = Buffer.alloc(8);
    parameters.writeDoubleLE(first);
    return { mode: modes.constant, parameters, planes: [] };
  }
  const fixedPoint = toFixedPoint(values);
  const drafts = draftNumbers(values, fixedPoint);
  if (fixedPoint === null || fixedPoint.maxStep >= wideRange) {
    const other = dictionary(values, fixedPoint);
    if (other !== null) drafts.push(other);
  }
  return smallest(drafts);
}

function draftNumbers(values: Float64Array, fixedPoint: FixedPoint | null): Draft[] {
  return fixedPoint === null ? [doubles(values)] : [offset(fixedPoint), delta(fixedPoint)];
}

/** `parameters` may have more bytes behind it. Throws a SyntaxError where they make no sense. */
export function modeReader(mode: number, parameters: Buffer, count: number): ModeReader {
  const need = (size: number) => {
    if (parameters.length < size) fail("the parameters are cut off");
  };
  switch (mode) {
    case modes.empty:
      return { parameterBytes: 0, planes: [], read: () => new Float64Array(count) };
    case modes.constant: {
      need(8);
      const value = parameters.readDoubleLE(0);
      return { parameterBytes: 8, planes: [], read: () => new Float64Array(count).fill(value) };
    }
    case modes.offset:
    case modes.delta: {
      need(18);
      const decimals = parameters.readUInt8(0);
      const width = parameters.readUInt8(1);
      const base = parameters.readDoubleLE(2);
      const unit = parameters.readDoubleLE(10);
      if (decimals > maxDecimals || width < 1 || width > 7) fail("the parameters are out of range");
      const undo = mode === modes.delta ? addSteps : (numbers: Float64Array) => numbers;
      return {
        parameterBytes: 18,
        planes: Array.from({ length: width }, () => count),
        read: (planes) => scale(undo(fromPlanes(planes, count)), { decimals, base, unit }),
      };
    }
    case modes.dictionary: {
      need(3);
      const size = parameters.readUInt16LE(0);
      const innerMode = parameters.readUInt8(2);
      if (innerMode === modes.dictionary) fail("a dictionary holds another");
      const inner = modeReader(innerMode, parameters.subarray(3), size);
      const split = inner.planes.length;
      const width = planesFor(size - 1);
      return {
        parameterBytes: 3 + inner.parameterBytes,
        planes: [...inner.planes, ...Array.from({ length: width }, () => count)],
        read: (planes) =>
          lookUp(inner.read(planes.slice(0, split)), fromPlanes(planes.slice(split), count)),
      };
    }
    case modes.doubles:
      return {
        parameterBytes: 0,
        planes: Array.from({ length: 8 }, () => count),
        read: (planes) => fromBitPlanes(planes, count),
      };
    default:
      return fail(`mode ${mode} is unknown`);
  }
}

function smallest(drafts: Draft[]): Draft {
  const sizeOf = ({ planes }: Draft) =>
    planes.reduce((size, plane) => size + estimatePlane(plane), 0);
  return drafts
    .map((own) => ({ own, size: sizeOf(own) }))
    .reduce((best, other) => (other.size < best.size ? other : best)).own;
}

/** The same bits throughout: 0 and -0 differ. */
function isConstant(values: Float64Array, first: number): boolean {
  for (let index = 1; index < values.length; index++) {
    if (!Object.is(values[index], first)) return false;
  }
  return true;
}

function offset(fixedPoint: FixedPoint): Draft {
  return scaled(modes.offset, fixedPoint, fixedPoint.steps, fixedPoint.maxStep);
}

function delta(fixedPoint: FixedPoint): Draft {
  const { steps } = fixedPoint;
  const numbers = new Float64Array(steps.length);
  let before = 0;
  let max = 0;
  for (let index = 0; index < steps.length; index++) {
    const own = steps[index] ?? NaN;
    const change = own - before;
    const number = change < 0 ? -2 * change - 1 : 2 * change;
    if (number > max) max = number;
    numbers[index] = number;
    before = own;
  }
  return scaled(modes.delta, fixedPoint, numbers, max);
}

function scaled(
  mode: number,
  { decimals, base, unit }: FixedPoint,
  numbers: Float64Array,
  max: number,
): Draft {
  const width = planesFor(max);
  const parameters = Buffer.alloc(18);
  parameters.writeUInt8(decimals, 0);
  parameters.writeUInt8(width, 1);
  parameters.writeDoubleLE(base, 2);
  parameters.writeDoubleLE(unit, 10);
  return { mode, parameters, planes: toPlanes(numbers, width) };
}

/** null where too many values differ. */
function dictionary(values: Float64Array, fixedPoint: FixedPoint | null): Draft | null {
  const found =
    fixedPoint !== null && fixedPoint.maxStep < maxTable
      ? findDistinctSteps(fixedPoint, values)
      : findDistinct(values);
  if (found === null) return null;
  const { distinct, places } = found;
  const inner = smallest(draftNumbers(distinct, toFixedPoint(distinct)));
  const head = Buffer.alloc(3);
  head.writeUInt16LE(distinct.length);
  head.writeUInt8(inner.mode, 2);
  return {
    mode: modes.dictionary,
    parameters: Buffer.concat([head, inner.parameters]),
    planes: [...inner.planes, ...toPlanes(places, planesFor(distinct.length - 1))],
  };
}

interface Distinct {
  /** Ascending. */
  distinct: Float64Array;
  /** Of each value among them. */
  places: Float64Array;
}

/** By a table of all possible steps: many times faster than a Map. */
function findDistinctSteps({ steps, maxStep }: FixedPoint, values: Float64Array): Distinct | null {
  const rows = new Uint16Array(maxStep + 1);
  // A row that has each step, counted from 1; maxCount keeps it within 16 bits.
  for (let row = 0; row < steps.length; row++) rows[steps[row] ?? 0] = row + 1;
  const distinct = new Float64Array(steps.length);
  let size = 0;
  for (let step = 0; step <= maxStep; step++) {
    const row = rows[step] ?? 0;
    if (row === 0) continue;
    distinct[size] = values[row - 1] ?? NaN;
    rows[step] = size++;
  }
  if (size > steps.length / repeats) return null;
  const places = new Float64Array(steps.length);
  for (let row = 0; row < steps.length; row++) places[row] = rows[steps[row] ?? 0] ?? NaN;
  return { distinct: distinct.slice(0, size), places };
}

function findDistinct(values: Float64Array): Distinct | null {
  const seen = new Set<number>();
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? NaN;
    // A Set takes -0 for 0.
    if (Object.is(value, -0)) return null;
    seen.add(value);
    const most = index < probe ? probe : index === probe ? probe / 2 : values.length / repeats;
    if (seen.size > most) return null;
  }
  const distinct = Float64Array.from(seen).toSorted();
  const placeOf = new Map<number, number>();
  for (const value of distinct) placeOf.set(value, placeOf.size);
  return { distinct, places: values.map((value) => placeOf.get(value) ?? NaN) };
}

function doubles(values: Float64Array): Draft {
  return { mode: modes.doubles, parameters: none, planes: toBitPlanes(values) };
}

/** In place. */
function addSteps(numbers: Float64Array): Float64Array {
  let sum = 0;
  for (let index = 0; index < numbers.length; index++) {
    const number = numbers[index] ?? NaN;
    // Exact for whole numbers up to 2^53, and faster than the remainder.
    const half = Math.floor(number / 2);
    sum += 2 * half === number ? half : -half - 1;
    numbers[index] = sum;
  }
  return numbers;
}

/** In place. */
function scale(
  numbers: Float64Array,
  { decimals, base, unit }: { decimals: number; base: number; unit: number },
): Float64Array {
  const divisor = 10 ** decimals;
  for (let index = 0; index < numbers.length; index++) {
    numbers[index] = (base + (numbers[index] ?? NaN) * unit) / divisor;
  }
  return numbers;
}

/** In place of the places. */
function lookUp(distinct: Float64Array, places: Float64Array): Float64Array {
  for (let index = 0; index < places.length; index++) {
    const value = distinct[places[index] ?? NaN];
    if (value === undefined) fail("a place is not in the dictionary");
    places[index] = value;
  }
  return places;
}
