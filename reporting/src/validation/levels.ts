import { formatCount, formatValue } from "../format.ts";
import type { CheckContext } from "./check.ts";

/** Sizes of a machine that change seldom, as the stretches of samples in which they stay. */
export interface Level {
  /** First row of the stretch. */
  row: number;
  value: number;
}

/** A machine's size in one respect. */
export interface Size {
  column: string | null;
  levels: Level[];
  describe: (value: number) => string;
}

/** Rows without the size are passed over. */
export function listSizes({ scan }: CheckContext): Size[] {
  const memory = scan.columns.find(({ measure }) => measure.name === "mem_total");
  const sizes: Size[] = [];
  if (memory !== undefined && memory.summary.min < memory.summary.max) {
    sizes.push({
      column: "mem_total",
      levels: findLevels(memory.measure.values, (value) => !Number.isNaN(value)),
      describe: (value) => `${formatValue(value, "bytes")} of memory`,
    });
  }
  if (scan.cpuCounts !== null) {
    sizes.push({
      column: null,
      levels: findLevels(scan.cpuCounts, (value) => value > 0),
      describe: (value) => formatCount(value, "CPU"),
    });
  }
  return sizes;
}

function findLevels(
  values: Float64Array | Uint16Array,
  isKnown: (value: number) => boolean,
): Level[] {
  const levels: Level[] = [];
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? NaN;
    if (isKnown(value) && levels.at(-1)?.value !== value) levels.push({ row, value });
  }
  return levels;
}

const fewestReturns = 4;
const longestStayS = 3600;
const longestStaySamples = 20;

/** Whether a size goes back and forth between the same values as no machine's does: levels that return soon, again and again. */
export function flips({ levels }: Size, { dataset }: CheckContext): boolean {
  const returns = levels.filter(({ value }, index) => value === levels[index - 2]?.value).length;
  const stayS = dataset.timing.lengthS / levels.length;
  const longestS = Math.max(longestStayS, longestStaySamples * (dataset.timing.intervalS ?? 1));
  return returns >= fewestReturns && stayS <= longestS;
}
