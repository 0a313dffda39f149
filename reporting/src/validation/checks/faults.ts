import type { Fault } from "@perfanalysis/contract/problem";
import { mostPlaces, type Place } from "../check.ts";

/** Of what the reader found damaged: the first few faults of each kind or column, in the order of lines. */
export function placesOf(damages: readonly { first: readonly Fault[] }[]): Place[] {
  return damages
    .flatMap(({ first }) => first)
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))
    .slice(0, mostPlaces)
    .map(({ line = null, column = null, value, message }) => ({
      timeS: null,
      line,
      column,
      value: value === undefined ? message : `"${value}"`,
    }));
}
