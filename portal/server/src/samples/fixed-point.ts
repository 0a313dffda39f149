// Numbers as they are measured are mostly short decimals: 12.34 is 1234 ÷ 10². As integers they compress far better.

export interface FixedPoint {
  decimals: number;
  /** value = integer ÷ 10^decimals, bit for bit. */
  integers: Float64Array;
  min: number;
  max: number;
}

/** More decimals than nine are no decimals that someone wrote down, but a quotient. */
export const maxDecimals = 9;

/** Up to here differences of two integers, and these with their sign in the lowest bit, are exact doubles. */
export const maxInteger = 2 ** 51;

/** The values as integers with as few decimals as possible, or null where no such integers give back every bit. */
export function toFixedPoint(values: Float64Array): FixedPoint | null {
  const decimals = countDecimals(values);
  if (decimals === null) return null;
  const scale = 10 ** decimals;
  const integers = new Float64Array(values.length);
  let min = Infinity;
  let max = -Infinity;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? NaN;
    const integer = Math.round(value * scale);
    if (integer / scale !== value) return null;
    integers[index] = integer;
    if (integer < min) min = integer;
    if (integer > max) max = integer;
  }
  return max > maxInteger || min < -maxInteger ? null : { decimals, integers, min, max };
}

/** Smallest number of decimals with which every value can be written, or null where that takes more than nine. */
export function countDecimals(values: Float64Array): number | null {
  let decimals = 0;
  let scale = 1;
  for (const value of values) {
    while (Math.round(value * scale) / scale !== value) {
      if (++decimals > maxDecimals) return null;
      scale = 10 ** decimals;
    }
    if (value === 0 && Object.is(value, -0)) return null;
  }
  return decimals;
}
