import type { Dataset } from "../../statistics/dataset.ts";
import type { Minutes } from "../../statistics/episodes.ts";

/** Tasks that were counted as running since they counted: whoever reads /proc/stat is running. */
export const counting = 1;

/** Tasks running or ready to run, beside the one that counted them: on a machine with one CPU that makes a difference. Null where nobody counted. */
export function runQueueMinutes(dataset: Dataset): Minutes | null {
  const measure = dataset.measure("procs_running");
  if (measure === null) return null;
  const minutes = dataset.minutes(measure);
  return { ...minutes, means: minutes.means.map((mean) => Math.max(0, mean - counting)) };
}
