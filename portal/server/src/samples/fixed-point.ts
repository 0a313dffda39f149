// Numbers as they are measured are mostly short decimals: 12.34 is 1234 ÷ 10². As integers they compress far better.

export interface FixedPoint {
  decimals: number;
  /** value = (base + step · unit) ÷ 10^decimals, bit for bit. */
  base: number;
  /** What all differences are multiples of, for example a page of memory. */
  unit: number;
  /** From 0 on. */
  steps: Float64Array;
  maxStep: number;
}

/** More decimals than nine are no decimals that someone wrote down, but a quotient. */
export const maxDecimals = 9;

/** Up to here differences of two integers, and these with their sign in the lowest bit, are exact doubles. */
const maxInteger = 2 ** 51;

/** The values, at least one, as integers with as few decimals as possible; null where no such integers give back every bit. */
export function toFixedPoint(values: Float64Array): FixedPoint | null {
  const steps = new Float64Array(values.length);
  let decimals = 0;
  let scale = 1;
  let base = Infinity;
  let max = -Infinity;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? NaN;
    const integer = Math.round(value * scale);
    if (integer / scale !== value) {
      if (++decimals > maxDecimals) return null;
      // From the beginning: one of the first values tells the decimals of nearly every column.
      scale = 10 ** decimals;
      base = Infinity;
      max = -Infinity;
      index = -1;
      continue;
    }
    if (integer === 0 && Object.is(value, -0)) return null;
    steps[index] = integer;
    if (integer < base) base = integer;
    if (integer > max) max = integer;
  }
  if (max > maxInteger || base < -maxInteger) return null;
  const unit = commonUnit(steps, base);
  for (let index = 0; index < steps.length; index++) {
    steps[index] = ((steps[index] ?? NaN) - base) / unit;
  }
  return { decimals, base, unit, steps, maxStep: (max - base) / unit };
}

/** Greatest common divisor of the differences from `base`; 1 where there are none. */
function commonUnit(integers: Float64Array, base: number): number {
  let unit = 0;
  for (let index = 0; index < integers.length && unit !== 1; index++) {
    const difference = (integers[index] ?? NaN) - base;
    // Nearly always a multiple, and this is faster than the remainder.
    const times = difference / unit;
    if (unit === 0 || times !== Math.floor(times)) unit = greatestDivisor(unit, difference);
  }
  return unit === 0 ? 1 : unit;
}

function greatestDivisor(one: number, other: number): number {
  let [divisor, rest] = [one, other];
  while (rest !== 0) [divisor, rest] = [rest, divisor % rest];
  return divisor;
}
