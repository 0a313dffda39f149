// Paths in whole units, relative to the point before: a fifth of the size of absolute decimals. Absolute values are
// rounded first and differences taken after, so that errors do not add up along the path.

/** Height of a plot in path units, two a pixel; its width is one unit a bucket. */
export const pathHeight = 400;

/** Values at the plot's lower and upper edge. */
export interface Range {
  low: number;
  high: number;
}

/**
 * How far the stub of a value alone reaches to either side: through its bucket. Where that is the whole chart, it is short: nobody
 * knows how long the value lasted.
 */
function stubOf(values: Float64Array): number {
  return values.length === 1 ? 0.02 : 0.5;
}

/** A line through the values, one unit apart; NaN breaks it, and a value alone becomes a stub, mostly of one unit. */
export function linePath(values: Float64Array, range: Range): string {
  let path = "";
  const stub = stubOf(values);
  for (const [from, to] of segments(values)) {
    const first = toY(values[from] ?? NaN, range);
    if (to - from === 1) {
      path += `M${from - stub} ${first}h${2 * stub}`;
      continue;
    }
    path += `M${from} ${first}l${steps(values, { from: from + 1, to, by: 1 }, range)}`;
  }
  return path;
}

/**
 * The area between two lines: along `upper` from left to right, back along `lower`. Broken where either is NaN; a
 * value alone becomes a bar, mostly of one unit.
 */
export function areaPath(lower: Float64Array, upper: Float64Array, range: Range): string {
  let path = "";
  const stub = stubOf(lower);
  const both = lower.map((value, index) => value + (upper[index] ?? NaN));
  for (const [from, to] of segments(both)) {
    const top = toY(upper[from] ?? NaN, range);
    if (to - from === 1) {
      path += `M${from - stub} ${top}h${2 * stub}V${toY(lower[from] ?? NaN, range)}h-${2 * stub}z`;
      continue;
    }
    const last = to - 1;
    path += `M${from} ${top}l${steps(upper, { from: from + 1, to, by: 1 }, range)}`;
    path += `V${toY(lower[last] ?? NaN, range)}l${steps(lower, { from: last - 1, to: from - 1, by: -1 }, range)}z`;
  }
  return path;
}

/** Distance from the plot's upper edge in whole path units. Values beyond the range lie on its edge. */
export function toY(value: number, { low, high }: Range): number {
  const share = (Math.min(high, Math.max(low, value)) - low) / (high - low);
  return Math.round(pathHeight * (1 - share));
}

/** Runs of values without NaN, as [first, behind the last]. */
function segments(values: Float64Array): [number, number][] {
  const found: [number, number][] = [];
  let from = -1;
  for (let index = 0; index <= values.length; index++) {
    const measured = index < values.length && !Number.isNaN(values[index]);
    if (measured && from < 0) from = index;
    if (!measured && from >= 0) {
      found.push([from, index]);
      from = -1;
    }
  }
  return found;
}

/** Steps from value to value; those of equal rise, such as along a flat stretch, are one. */
function steps(
  values: Float64Array,
  { from, to, by }: { from: number; to: number; by: 1 | -1 },
  range: Range,
): string {
  let text = "";
  let y = toY(values[from - by] ?? NaN, range);
  let count = 0;
  let rise = 0;
  for (let index = from; index !== to; index += by) {
    const next = toY(values[index] ?? NaN, range);
    if (count > 0 && next - y !== rise) {
      text += step(text, by * count, rise * count);
      count = 0;
    }
    rise = next - y;
    count++;
    y = next;
  }
  return count === 0 ? text : text + step(text, by * count, rise * count);
}

/** A minus sign separates as well as a space does. */
function step(before: string, dx: number, dy: number): string {
  return `${before === "" || dx < 0 ? "" : " "}${dx}${dy < 0 ? "" : " "}${dy}`;
}
