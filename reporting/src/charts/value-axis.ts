import type { Unit } from "@perfanalysis/contract/metrics";
import { scaleLinear } from "d3-scale";
import { decimalsFor, formatFixed, unitScale } from "../format.ts";
import type { Range } from "./path.ts";

export interface ValueAxis {
  range: Range;
  /** The unit of the ticks' texts, for example "MiB/s"; "" for plain counts. */
  unitText: string;
  /** A value in the metric's unit divided by this is one in `unitText`. */
  divisor: number;
  ticks: { value: number; text: string }[];
}

/**
 * An axis from `low` (0, or below it for charts that mirror one quantity) to at least `high`, with about five round ticks in
 * the unit's best multiple. Texts below 0 have no sign: a mirrored quantity is as positive as the other.
 */
export function valueAxis(unit: Unit, { low, high }: Range): ValueAxis {
  const magnitude = Math.max(-low, high);
  const { divisor, suffix } = unitScale(unit, magnitude);
  // An axis for nothing but zeros, or for what its texts would all show as zero, still needs a height.
  const top = magnitude < smallestShown ? 1 : high / divisor;
  const scale = scaleLinear([low / divisor, top], [0, 1]).nice(5);
  const [niceLow = 0, niceHigh = 1] = scale.domain();
  const values = scale.ticks(5);
  const texts = axisTexts(values);
  return {
    range: { low: niceLow * divisor, high: niceHigh * divisor },
    unitText: suffix,
    divisor,
    ticks: values.map((value, index) => ({ value: value * divisor, text: texts[index] ?? "" })),
  };
}

/** Round numbers with as many decimals as the one that needs the most, without a sign. */
export function axisTexts(values: readonly number[]): string[] {
  const decimals = Math.max(0, ...values.map((value) => decimalsOf(value)));
  return values.map((value) => formatFixed(Math.abs(value), decimals));
}

const smallestShown = 0.001;

/** Percentages of a whole: always 0–100, so that charts of several machines compare at a glance. */
export function percentAxis(): ValueAxis {
  return valueAxis("percent", { low: 0, high: 100 });
}

function decimalsOf(value: number): number {
  const text = String(Number(value.toPrecision(6)));
  const fraction = /\.(\d+)/.exec(text)?.[1];
  return fraction === undefined ? 0 : Math.min(fraction.length, decimalsFor(smallestShown));
}
