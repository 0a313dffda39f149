import { align, type Aligned, type Alignment } from "./alignment.ts";
import {
  listQuantities,
  rankDifferences,
  type Difference,
  type Quantity,
  type Subject,
} from "./differences.ts";

export interface Comparison {
  alignment: Alignment;
  aligned: Aligned;
  /** What at least two of the captures have. */
  quantities: Quantity[];
  /** What differs enough to act on, the clearest first. */
  differences: Difference[];
}

/**
 * Compares captures with the first of them. `markersS` (Unix seconds) has one for each where the alignment is "marker".
 * Throws an AlignmentError where they cannot be aligned so.
 */
export function compare(
  subjects: readonly Subject[],
  { alignment, markersS = [] }: { alignment: Alignment; markersS?: readonly number[] },
): Comparison {
  const datasets = subjects.map(({ dataset }) => dataset);
  const aligned = align(datasets, alignment, markersS);
  const quantities = listQuantities(subjects, aligned);
  const differences = rankDifferences(subjects, aligned, quantities);
  return { alignment, aligned, quantities, differences };
}
