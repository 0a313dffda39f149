import type { Dataset } from "../statistics/dataset.ts";
import { combineMinutes, type Minutes } from "../statistics/episodes.ts";

/** A column or derived quantity by minutes; null where it has no values. */
export function minutesOf(dataset: Dataset, name: string): Minutes | null {
  const measure = dataset.measure(name);
  return measure === null ? null : dataset.minutes(measure);
}

/** The sum of those of the named columns that the data has; null where it has none. A gap in one is a gap. */
export function sumMinutes(dataset: Dataset, names: readonly string[]): Minutes | null {
  const parts = names.flatMap((name) => minutesOf(dataset, name) ?? []);
  const [first, ...others] = parts;
  if (first === undefined) return null;
  return others.reduce((sum, part) => combineMinutes(sum, part, (a, b) => a + b), first);
}
